import type { Policy } from '../../../policy/types.ts'
import type { Probe } from '../../types.ts'
import { type KernelObject, objectTrap } from './object-trap.ts'

/** What a probe of a kernel object says beside the object itself. */
export type AboutObject = Pick<Probe, 'id' | 'number' | 'title' | 'tries' | 'standsFor'> &
  Partial<
    Pick<Probe, 'closing' | 'price' | 'holes' | 'moot' | 'granted' | 'attacker' | 'severity' | 'controlsEach'>
  >

const CLOSING = 'Refuse the call with a filter of system calls, or give the box a kernel of its own.'

/**
 * A probe that makes an object of the host's kernel from inside, and is done when the host sees it. Its severity, unless said
 * otherwise: the object alone takes nothing of the host, but a fault in the code behind it stops the host at the least.
 */
export function objectProbe(about: AboutObject, object: KernelObject): Probe {
  return {
    ...{ asset: 'kernel', attacker: 'user in the box', severity: 'host denial of service' },
    ...{ closing: CLOSING, price: 'Programs that need it do not work, or take a slower way.' },
    holes: ['calls'],
    ...about,
    plant: async (scene, canary) => objectTrap(scene, canary, object),
  }
}

/** What `--grant user-namespaces` opens. */
export function grantedByNamespaces(policy: Policy): string | undefined {
  return policy.grants.includes('user-namespaces') ? 'the policy grants user namespaces' : undefined
}
