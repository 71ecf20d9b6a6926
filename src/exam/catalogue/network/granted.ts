import type { OpenNetwork } from '../../../policy/network-types.ts'
import type { Policy } from '../../../policy/types.ts'

type Granted = (policy: Policy) => string | undefined

const granting =
  (opens: (network: OpenNetwork) => boolean, words: string): Granted =>
  ({ network }) =>
    typeof network === 'object' && opens(network) ? `its policy grants ${words}` : undefined

export const grantedLan = granting(({ lan }) => lan !== false, 'networks that this machine is in (lan)')
export const grantedHost = granting(({ host }) => host.length > 0, "ports of this machine's loopback (host)")
export const grantedPublish = granting(({ publish }) => publish.length > 0, 'ports of the box (publish)')
export const grantedJoin = granting(({ join }) => join !== undefined, 'a network of boxes (join)')
export const grantedInternet = granting(({ internet }) => internet, 'the whole internet (internet)')
