import { GloveboxError } from '../errors.ts'
import { formatTarget } from '../policy/network-rule.ts'
import type { NetworkRule, RuleService } from '../policy/network-types.ts'
import { CLASSES } from './resolver.ts'

/** Rules that open (or close) the same services of different places: the firewall has one chain for each, and sets of places. */
export interface RuleClass {
  /** The resolver's, which fills the sets of this number. */
  readonly number: number
  readonly services: readonly RuleService[]
  readonly bytesPerSecond: number | undefined
  readonly ranges: readonly string[]
  readonly names: readonly string[]
}

/** Which class has which number, by what makes a class; absent: that number is free. A class keeps its number as long as it is there. */
export type ClassTable = readonly (string | null)[]

/** Of the hosts of the LAN that are named by name: the only ones whose answers may point there. */
export const LAN_CLASS = CLASSES - 1
const MOST = LAN_CLASS

/** A rule with a rate is a class of its own, as the rate is its own. */
function keyOf({ target, services, bytesPerSecond }: NetworkRule): string {
  return JSON.stringify(
    bytesPerSecond === undefined ? [services] : [services, bytesPerSecond, formatTarget(target)],
  )
}

/**
 * The classes of these rules, and the table that the next call goes on from. Pure.
 *
 * @throws GloveboxError NETWORK_TOO_MANY_CLASSES
 */
export function classesOf(
  rules: readonly NetworkRule[],
  before: ClassTable = [],
): { readonly classes: readonly RuleClass[]; readonly table: ClassTable } {
  const groups = Map.groupBy(rules, keyOf)
  if (groups.size > MOST) throw tooMany(groups.size)
  const table: (string | null)[] = before.map((key) => (key !== null && groups.has(key) ? key : null))
  for (const key of groups.keys()) {
    if (table.includes(key)) continue
    const free = table.indexOf(null)
    table[free < 0 ? table.length : free] = key
  }
  const classes = table.flatMap((key, number): RuleClass[] => {
    const [first, ...rest] = (key === null ? undefined : groups.get(key)) ?? []
    return first === undefined ? [] : [classOf(number, [first, ...rest])]
  })
  return { classes, table }
}

function classOf(number: number, rules: readonly [NetworkRule, ...NetworkRule[]]): RuleClass {
  const [{ services, bytesPerSecond }] = rules
  const of = (kind: 'name' | 'range'): string[] =>
    rules.filter(({ target }) => target.kind === kind).map(({ target }) => formatTarget(target))
  return { number, services, bytesPerSecond, ranges: of('range'), names: of('name') }
}

function tooMany(count: number): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_TOO_MANY_CLASSES',
    audience: 'usage',
    message: `Cannot make the rules of the box's network: they have ${count} different combinations of protocols, ports and rates, more than ${MOST}.`,
    remedy: 'Give the same services to more of the rules; a rule with a rate of its own counts as one.',
  })
}
