import { GloveboxError } from '../errors.ts'
import type { NetworkFacts } from '../host/types.ts'
import { formatRange, holds, parseRange, type Range } from '../policy/address.ts'
import { formatTarget } from '../policy/network-rule.ts'
import { FROM_MACHINE, type NetworkTarget, type OpenNetwork } from '../policy/network-types.ts'

/**
 * Whether this machine can do what the policy says: a rule that would open nothing here, or something else than it names, is refused.
 * Pure.
 *
 * @throws GloveboxError NETWORK_DOES_NOT_FIT
 */
export function checkFit(policy: OpenNetwork, facts: NetworkFacts): void {
  const own = facts.hostAddresses.flatMap(rangeOf)
  const near = facts.lanRanges.flatMap(rangeOf)
  const segments = facts.segments.flatMap(rangeOf)
  for (const { target } of policy.allow) checkAllowed(target, own, near)
  if (typeof policy.lan === 'object') for (const target of policy.lan) checkLan(target, own, segments)
  if (policy.lan !== false && segments.length === 0)
    throw misfit('lan opens the local network, and this machine is in none that its way out leads through')
  for (const { from } of policy.publish)
    if (from !== FROM_MACHINE && !own.some((one) => holds(one, rangeOf(from)[0] ?? one)))
      throw misfit(`${from} is no address of this machine, so nothing can be published there`)
}

const rangeOf = (text: string): Range[] => {
  const range = parseRange(text)
  return range === undefined ? [] : [range]
}

function checkAllowed(target: NetworkTarget, own: readonly Range[], near: readonly Range[]): void {
  const [range] = target.kind === 'range' ? rangeOf(target.range) : []
  if (range === undefined) return
  if (own.some((one) => holds(range, one) && holds(one, range)))
    throw misfit(
      `${formatTarget(target)} is an address of this machine, which allow never opens; host:PORT opens one service of it`,
    )
  const lan = near.find((one) => holds(one, range))
  if (lan !== undefined)
    throw misfit(
      `${formatTarget(target)} lies in the local network ${formatRange(lan)}, which allow never opens; lan does`,
    )
}

function checkLan(target: NetworkTarget, own: readonly Range[], segments: readonly Range[]): void {
  const [range] = target.kind === 'range' ? rangeOf(target.range) : []
  if (range === undefined) return
  if (own.some((one) => holds(one, range)))
    throw misfit(
      `${formatTarget(target)} is an address of this machine, which lan never opens; host:PORT opens one service of it`,
    )
  if (segments.some((one) => holds(one, range))) return
  const list = segments.map(formatRange).join(', ')
  throw misfit(
    `${formatTarget(target)} lies in no local network of this machine (${list || 'it is in none'})`,
  )
}

function misfit(why: string): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_DOES_NOT_FIT',
    audience: 'usage',
    message: `Cannot give the box this network: ${why}.`,
    remedy: 'Correct the policy. glovebox help network explains each word.',
  })
}
