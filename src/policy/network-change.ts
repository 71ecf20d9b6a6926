import { holds, parseRange } from './address.ts'
import { formatRule, formatTarget } from './network-rule.ts'
import type { NetworkRule, NetworkTarget, OpenNetwork } from './network-types.ts'

/** What a live change comes to: another policy, or, in words, why there is nothing to change. */
export type NetworkChange = { readonly policy: OpenNetwork } | { readonly nothing: string }

/**
 * A policy with one more rule of `allow`: what denied exactly its target does so no more, but never where that opens more than it says.
 */
export function withAllow(policy: OpenNetwork, rule: NetworkRule): NetworkChange {
  const deny = policy.deny.filter(({ target }) => !sameTarget(target, rule.target))
  const wider = deny.find((one) => covers(one.target, rule.target))
  if (wider !== undefined)
    return { nothing: `${formatRule(wider)} is denied, which is stronger; allow that first` }
  const lifted = deny.length < policy.deny.length
  if (policy.deny.some((one) => sameTarget(one.target, rule.target) && widens(policy, one, rule)))
    return { nothing: WIDER_THAN_IT_LOOKS }
  if (policy.internet)
    return lifted ? { policy: { ...policy, deny } } : { nothing: 'the whole internet is open already' }
  const text = formatRule(rule)
  if (!lifted && policy.allow.some((one) => formatRule(one) === text))
    return { nothing: 'it is open already' }
  return {
    policy: { ...policy, deny, allow: [...policy.allow.filter((one) => formatRule(one) !== text), rule] },
  }
}

const WIDER_THAN_IT_LOOKS =
  'it is denied, and open otherwise for more than this, all of which would be open again; allow it without services and rates'

/** Whether something else would open more of the target than `rule` says, once it is denied no more. */
function widens(policy: OpenNetwork, denied: NetworkRule, rule: NetworkRule): boolean {
  const open =
    policy.internet ||
    policy.allow.some(
      (one) =>
        (covers(one.target, rule.target) || covers(rule.target, one.target)) &&
        formatRule(one) !== formatRule(rule),
    )
  const { target, services } = rule
  const whole = services.length === 0 || formatRule({ target, services }) === formatRule(denied)
  return open && (!whole || rule.bytesPerSecond !== undefined)
}

/** A policy with one more rule of `deny`; rules that open exactly this are gone. */
export function withDeny(policy: OpenNetwork, rule: NetworkRule): NetworkChange {
  const text = formatRule(rule)
  if (policy.deny.some((one) => formatRule(one) === text)) return { nothing: 'it is denied already' }
  const whole = rule.services.length === 0
  const allow = policy.allow.filter((one) => !whole || !sameTarget(one.target, rule.target))
  const hosts =
    typeof policy.lan === 'object' && whole
      ? policy.lan.filter((target) => !sameTarget(target, rule.target))
      : policy.lan
  const lan = typeof hosts === 'object' && hosts.length === 0 ? false : hosts
  return { policy: { ...policy, allow, lan, deny: [...policy.deny, rule] } }
}

const sameTarget = (a: NetworkTarget, b: NetworkTarget): boolean =>
  a.kind === b.kind && formatTarget(a) === formatTarget(b)

/** Whether all that `inner` means is meant by `outer`; a name and a range have nothing to do with each other. */
function covers(outer: NetworkTarget, inner: NetworkTarget): boolean {
  if (outer.kind === 'name' && inner.kind === 'name')
    // That `*.a` is held by `*.b` is a question of texts as for names: the star is one more character in front.
    return outer.name === inner.name || nameMatches(outer.name, inner.name)
  if (outer.kind !== 'range' || inner.kind !== 'range') return false
  const [wide, narrow] = [parseRange(outer.range), parseRange(inner.range)]
  return wide !== undefined && narrow !== undefined && holds(wide, narrow)
}

/** Whether the rule's name, which may begin with `*.`, means this one. */
export function nameMatches(rule: string, name: string): boolean {
  return rule.startsWith('*.') ? name.endsWith(rule.slice(1)) && name.length > rule.length - 1 : rule === name
}

/** {@link nameMatches} of any of these rules, in a time that does not grow with their number. */
export function nameMatcher(rules: readonly string[]): (name: string) => boolean {
  const all = new Set(rules)
  return (name) => {
    if (all.has(name)) return true
    for (let at = name.indexOf('.', 1); at >= 0; at = name.indexOf('.', at + 1))
      if (all.has(`*${name.slice(at)}`)) return true
    return false
  }
}
