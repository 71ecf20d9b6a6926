import { holds, parseRange } from './address.ts'
import { formatRule, formatTarget } from './network-rule.ts'
import type { NetworkRule, NetworkTarget, OpenNetwork } from './network-types.ts'

/** What a live change comes to: another policy, or, in words, why there is nothing to change. */
export type NetworkChange = { readonly policy: OpenNetwork } | { readonly nothing: string }

/** A policy with one more rule of `allow`: what denied exactly its target does so no more, but never for more services than it names. */
export function withAllow(policy: OpenNetwork, rule: NetworkRule): NetworkChange {
  const narrow = policy.deny.find(
    (one) => sameTarget(one.target, rule.target) && !lifts(rule, one) && opensMore(policy, rule),
  )
  if (narrow !== undefined)
    return { nothing: `${formatRule(narrow)} is denied, which means more; allow that first, as it stands` }
  const deny = policy.deny.filter(({ target }) => !sameTarget(target, rule.target))
  const wider = deny.find((one) => covers(one.target, rule.target))
  if (wider !== undefined)
    return { nothing: `${formatRule(wider)} is denied, which is stronger; allow that first` }
  const lifted = deny.length < policy.deny.length
  if (policy.internet)
    return lifted ? { policy: { ...policy, deny } } : { nothing: 'the whole internet is open already' }
  const text = formatRule(rule)
  if (!lifted && policy.allow.some((one) => formatRule(one) === text))
    return { nothing: 'it is open already' }
  return {
    policy: { ...policy, deny, allow: [...policy.allow.filter((one) => formatRule(one) !== text), rule] },
  }
}

/** A policy with one more rule of `deny`; rules that open exactly this are gone. */
export function withDeny(policy: OpenNetwork, rule: NetworkRule): NetworkChange {
  const text = formatRule(rule)
  if (policy.deny.some((one) => formatRule(one) === text)) return { nothing: 'it is denied already' }
  const whole = rule.services.length === 0
  const allow = policy.allow.filter((one) => !whole || !sameTarget(one.target, rule.target))
  const lan =
    typeof policy.lan === 'object' && whole
      ? policy.lan.filter((target) => !sameTarget(target, rule.target))
      : policy.lan
  return { policy: { ...policy, allow, lan, deny: [...policy.deny, rule] } }
}

/** Whether the rule means all of `denied`: lifting that for some of its services would open the others as well. */
const lifts = ({ services }: NetworkRule, denied: NetworkRule): boolean =>
  services.length === 0 || formatServices(services) === formatServices(denied.services)

const formatServices = (services: NetworkRule['services']): string => JSON.stringify(services)

/** Whether something beside this rule opens of its target what is not denied. */
const opensMore = ({ internet, allow }: OpenNetwork, { target }: NetworkRule): boolean =>
  internet ||
  allow.some(
    (one) => !sameTarget(one.target, target) && (covers(one.target, target) || covers(target, one.target)),
  )

const sameTarget = (a: NetworkTarget, b: NetworkTarget): boolean =>
  a.kind === b.kind && formatTarget(a) === formatTarget(b)

/** Whether all that `inner` means is meant by `outer`; a name and a range have nothing to do with each other. */
function covers(outer: NetworkTarget, inner: NetworkTarget): boolean {
  if (outer.kind === 'name' && inner.kind === 'name')
    return nameMatches(outer.name, inner.name.replace(/^\*/, 'x'))
  if (outer.kind !== 'range' || inner.kind !== 'range') return false
  const [wide, narrow] = [parseRange(outer.range), parseRange(inner.range)]
  return wide !== undefined && narrow !== undefined && holds(wide, narrow)
}

/** Whether the rule's name, which may begin with `*.`, means this one. */
export function nameMatches(rule: string, name: string): boolean {
  return rule.startsWith('*.') ? name.endsWith(rule.slice(1)) && name.length > rule.length - 1 : rule === name
}
