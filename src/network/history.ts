import { nameMatcher } from '../policy/network-change.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import { type ClassTable, classesOf, LAN_CLASS } from './classes.ts'
import { lanNames } from './names.ts'
import type { TimedAddress } from './nft-text.ts'
import type { ResolverQuestion } from './resolver-log.ts'
import type { RulesBefore } from './ruleset.ts'

/** As native/resolver/resolver.h has them: what bounds an answer's life, and what its element outlives it by. */
const [TTL_MOST_S, GRACE_S] = [3600, 15]

/** An address as the machine has it: an element of a set that holds it twice would be an error. */
export const MOST_ADDRESSES = 32_768

/**
 * What the rules of a new policy take over from what the box was answered so far: addresses that are still open by a name, those that
 * flows may go on to, and those of names that are denied now. Pure.
 */
export function rulesBefore(
  policy: OpenNetwork,
  before: { readonly generation: number; readonly table: ClassTable },
  questions: readonly ResolverQuestion[],
  nowSeconds: number,
): RulesBefore {
  const { classes, table } = classesOf(policy.allow, before.table)
  const denied = policy.deny.flatMap(({ target }) => (target.kind === 'name' ? [target.name] : []))
  const isDenied = nameMatcher(denied)
  const answered = questions.filter(({ addresses }) => addresses.length > 0)
  const named = [
    ...classes.map(({ number, names }) => ({ number, names })),
    { number: LAN_CLASS, names: lanNames(policy) },
  ].filter(({ names }) => names.length > 0)
  const open = new Map<number, readonly TimedAddress[]>()
  const held = new Map<number, readonly string[]>()
  for (const { number, names } of named) {
    const isNamed = nameMatcher(names)
    const own = answered.filter(({ name }) => !isDenied(name) && isNamed(name))
    open.set(number, timed(own, nowSeconds))
    held.set(number, addressesOf(own))
  }
  return {
    ...{ generation: before.generation, table, open, held },
    // Where names open, what a name opened is judged by that; only elsewhere its addresses must be closed themselves.
    deniedNames:
      policy.internet || policy.lan !== false || policy.join !== undefined
        ? addressesOf(answered.filter(({ name }) => isDenied(name)))
        : [],
  }
}

function timed(questions: readonly ResolverQuestion[], nowSeconds: number): TimedAddress[] {
  const ends = new Map<string, number>()
  for (const { addresses, atSeconds, ttlSeconds } of questions)
    for (const address of addresses) {
      const end = atSeconds + Math.min(ttlSeconds, TTL_MOST_S) + GRACE_S
      ends.set(address, Math.max(end, ends.get(address) ?? 0))
    }
  return (
    [...ends]
      .filter(([, end]) => end > nowSeconds)
      .slice(-MOST_ADDRESSES)
      // However the machine's clock was set since.
      .map(([address, end]) => ({ address, seconds: Math.min(end - nowSeconds, TTL_MOST_S + GRACE_S) }))
  )
}

const addressesOf = (questions: readonly ResolverQuestion[]): string[] =>
  [...new Set(questions.flatMap(({ addresses }) => addresses))].slice(-MOST_ADDRESSES)
