import type { Asset } from '../../exam/types.ts'
import type { Comparison } from '../../price/comparison-types.ts'
import { costsOf, isTied } from '../../price/cost.ts'
import type { Cost } from '../../price/figures.ts'
import { heldAssets } from '../../price/holds.ts'
import type { Point } from './answer.ts'
import { askedAssets } from './benefit.ts'
import { breachesIn, type Examined, examinedEngines, nameOf } from './engines.ts'
import { times } from './numbers.ts'
import { listed } from './sentence.ts'
import { isEmulated, type Technology } from './technologies.ts'
import { EMULATION } from './words.ts'

/** What most people mean by a sandbox; of these, those that were asked. */
const BASICS: readonly Asset[] = ['files', 'processes', 'kernel', 'network']

/** What the walls cost, and which are the cheapest, in plain points. Pure. */
export function pricePoints(technologies: readonly Technology[], { price }: Comparison): Point[] {
  const costs = costsOf(price)
  const priced = technologies.filter(({ cost }) => cost !== undefined).sort(byCost)
  if (priced.length === 0) return [{ lead: 'The price', says: 'Nothing was measured beside the bare host.' }]
  const emulated = priced.filter(isEmulated)
  const each = priced.map((one) => `${nameOf(one)} ${times(one.cost ?? 0)}`)
  const mean = `The mean of ${costs.metrics.length} ratios that all have (geometric; each kind of work counts alike).`
  const note = emulated.length === 0 ? '' : ` Emulated: ${EMULATION}.`
  return [
    { lead: 'The price, in times the bare host', says: `${each.join(', ')}. ${mean}${note}` },
    ...cheapest(technologies, new Map(costs.of)),
  ]
}

const byCost = (a: Technology, b: Technology): number => (a.cost ?? 0) - (b.cost ?? 0)

type Costs = ReadonlyMap<string, Cost>

/** The least that holds the basic assets, and each dearer one that holds an asset more than all below it. */
function cheapest(technologies: readonly Technology[], costs: Costs): Point[] {
  const asked = askedAssets(technologies)
  const wanted = BASICS.filter((asset) => asked.includes(asset))
  const candidates = examinedEngines(technologies)
    .filter(({ cost }) => cost !== undefined)
    .sort(byCost)
  const fit = candidates.filter(({ exam }) => {
    const held = heldAssets(exam)
    return wanted.every((asset) => held.includes(asset))
  })
  const [first] = fit
  if (wanted.length === 0 || candidates.length === 0) return []
  const lead = `The cheapest that holds ${listed(wanted)}`
  if (first === undefined) return [{ lead, says: 'None of those that were examined and measured does.' }]
  const alike = fit.filter((one) => one !== first && areTied(one, first, costs)).map(nameOf)
  const tied = alike.length === 0 ? '' : ` (${listed(alike)} not dearer than what the noise would show)`
  return [{ lead, says: `${priceWords(first)}${tied}. ${more(first, fit).join(' ')}` }]
}

const priceWords = (one: Examined): string => `${nameOf(one)}, at ${times(one.cost ?? 0)} the bare host`

function areTied(a: Technology, b: Technology, costs: Costs): boolean {
  const [one, other] = [costs.get(a.name), costs.get(b.name)]
  return one !== undefined && other !== undefined && isTied(one, other)
}

function more(first: Examined, fit: readonly Examined[]): string[] {
  const known = new Set<Asset>(heldAssets(first.exam))
  const steps = fit.slice(1).flatMap((one) => {
    const added = heldAssets(one.exam).filter((asset) => !known.has(asset))
    for (const asset of added) known.add(asset)
    return added.length === 0 ? [] : [`Who needs ${listed(added)}, too, pays for ${priceWords(one)}.`]
  })
  if (steps.length > 0 || fit.length === 1) return steps
  const fewer = fit.filter((one) => breachesIn(one).length < breachesIn(first).length)
  const least =
    fewer.length === 0 ? '' : `, though ${listed(fewer.map(({ name }) => name))} had fewer breaches`
  return [`No dearer one holds an asset more${least}.`]
}
