import { GloveboxError } from '../errors.ts'
import { didYouMean } from '../policy/nearest.ts'
import { quote } from '../policy/quote.ts'
import type { Bound } from './choice-types.ts'
import { listed } from './requirement.ts'
import type { Metric, PriceResult, Unit } from './result-types.ts'
import { WORKLOADS } from './workloads.ts'

/** What of a metric a bound is read by. */
export type BoundedMetric = Pick<Metric, 'id' | 'unit' | 'better'>

/** Of every price: what a box as a whole takes, and what the workloads take in it. */
const USUAL: readonly BoundedMetric[] = [
  { id: 'start', unit: 'ms', better: 'less' },
  { id: 'cold', unit: 'ms', better: 'less' },
  { id: 'resume', unit: 'ms', better: 'less' },
  { id: 'memory', unit: 'MB', better: 'less' },
  ...WORKLOADS,
]

/** What a budget may speak of: the metrics of this price, and those of every one. */
export function boundedMetrics(price?: Pick<PriceResult, 'metrics'>): BoundedMetric[] {
  const own = price?.metrics ?? []
  return [...own, ...USUAL.filter(({ id }) => !own.some((metric) => metric.id === id))]
}

/** No more digits than say anything: what is larger than any machine is a mistake. */
const BOUND = /^([a-z][a-z0-9-]{0,63})\s*([<>])\s*(\d{1,12}(?:\.\d{1,6})?)\s*(1\/s|[a-zµμ/]{0,5})$/i

/**
 * Bounds of words such as `start<500ms` and `throughput>100MB/s`, with commas between them, in the units of the metrics.
 *
 * @throws GloveboxError BAD_BUDGET, UNKNOWN_METRIC
 */
export function parseBudget(words: readonly string[], metrics: readonly BoundedMetric[]): Bound[] {
  const bounds = listed(words).map((word) => boundOf(word, metrics))
  // A variable that is empty by mistake is not to be no bound at all.
  if (bounds.length === 0 && words.length > 0) throw badBudget(words.join(','), 'it bounds nothing')
  return bounds.filter(({ word }, at) => bounds.findIndex((one) => one.word === word) === at)
}

function boundOf(word: string, metrics: readonly BoundedMetric[]): Bound {
  const [, id = '', relation, amount = '', unit = ''] = BOUND.exec(word) ?? []
  if (relation !== '<' && relation !== '>')
    throw badBudget(
      word,
      'it is not a metric, < or >, and a value of at most 12 digits, and 6 behind the point, with its unit',
    )
  const metric = metrics.find((one) => one.id === id.toLowerCase())
  if (metric === undefined) throw unknownMetric(id, metrics)
  const sensible = metric.better === 'less' ? '<' : '>'
  if (relation !== sensible)
    throw badBudget(
      word,
      `of ${metric.id}, ${metric.better} is better, so ${relation} would refuse what is good`,
      `Write it as ${metric.id}${sensible}${amount}${unit}`,
    )
  const value = Number(amount) * factorOf(unit, metric, word)
  if (value === 0) throw badBudget(word, 'nothing is bounded by 0')
  return { word, metric: metric.id, relation, value }
}

/* Each unit of the user's in the metric's own. Letters of sizes are powers of 1024, as everywhere in Glovebox; with a B
 * behind them, as in the price's own figures, they are powers of 1000. */
const TIMES: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1 }
const SIZES: Readonly<Record<string, number>> = {
  ...{ k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, kb: 1e3, mb: 1e6, gb: 1e9 },
}
const RATES: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(SIZES).map(([unit, bytes]) => [`${unit}/s`, bytes]),
)
const COUNTS: Readonly<Record<string, number>> = { '/s': 1, '1/s': 1 }

const KINDS: Readonly<
  Record<Unit, { readonly units: Readonly<Record<string, number>>; readonly own: string }>
> = {
  ms: { units: TIMES, own: 'ms' },
  us: { units: TIMES, own: 'us' },
  ns: { units: TIMES, own: 'ns' },
  MB: { units: SIZES, own: 'mb' },
  'MB/s': { units: RATES, own: 'mb/s' },
  '1/s': { units: COUNTS, own: '1/s' },
}

function factorOf(unit: string, metric: BoundedMetric, word: string): number {
  const { units, own } = KINDS[metric.unit]
  const name = unit.toLowerCase()
  const [asked, base] = [Object.hasOwn(units, name) ? units[name] : undefined, units[own]]
  if (asked !== undefined && base !== undefined) return asked / base
  throw badBudget(
    word,
    unit === '' ? 'its unit is missing' : `${metric.id} is not measured in ${quote(unit)}`,
    `Its unit is ${metric.unit}; ${Object.keys(units).join(', ')} are read, too`,
  )
}

function badBudget(word: string, why: string, remedy = 'Write it as in: start<500ms,memory<200M') {
  return new GloveboxError({
    ...{ code: 'BAD_BUDGET', audience: 'usage', remedy },
    message: `Cannot use ${quote(word)} as a budget: ${why}.`,
  })
}

function unknownMetric(id: string, metrics: readonly BoundedMetric[]): GloveboxError {
  const ids = metrics.map((metric) => metric.id)
  return new GloveboxError({
    ...{ code: 'UNKNOWN_METRIC', audience: 'usage' },
    message: `Cannot bound ${quote(id)}: no price has a metric of this name.${didYouMean(id, ids)}`,
    remedy: `Choose from ${ids.join(', ')}`,
  })
}
