import type { ExamResult, Finding } from '../../src/exam/result-types.ts'
import type { Asset, Verdict } from '../../src/exam/types.ts'
import { ENGINE_NAMES, type EngineName } from '../../src/plan/engine-names.ts'
import type { Bound, Choice } from '../../src/price/choice-types.ts'
import { choose } from '../../src/price/choose.ts'
import type { Known } from '../../src/price/judge.ts'
import type { Figure, Metric, PriceResult, SideResult } from '../../src/price/result-types.ts'
import { CALLS, MEMORY, measured, PIPE, priceResult, side } from '../report/prices.ts'
import { examResult, finding, subject } from '../report/results.ts'

/* Exams and prices of the five technologies, made by hand: what choices are tried with. */

export const START: Metric = {
  ...{ id: 'start', group: 'start', title: 'warm start', unit: 'ms', better: 'less' },
  says: 'From the command to its first answer.',
}

/** One finding of an asset. */
export const of = (asset: Asset, verdict: Verdict = 'held', at = 1): Finding =>
  finding({
    ...{ probe: `${asset}-${at}`, number: at, asset, verdict, title: `take ${asset} ${at}` },
    reason: verdict === 'inconclusive' ? 'nft is missing' : 'as it was',
  })

export const HELD: readonly Finding[] = [of('files'), of('network'), of('kernel')]

/** What each technology costs: the ratio of its calls, its start in ms. */
export const PRICES: Readonly<Record<EngineName, readonly [ratio: number, start: number]>> = {
  container: [1.1, 60],
  gvisor: [4, 300],
  uml: [9, 500],
  microvm: [12, 900],
  vm: [20, 4000],
}

export function sideOf(engine: EngineName, more: readonly Figure[] = []): SideResult {
  const [ratio, start] = PRICES[engine]
  const figures = [measured(CALLS, 100 * ratio, 100), measured(START, start), measured(MEMORY, 10 * ratio)]
  return side(engine, [...figures, ...more])
}

export const priceOf = (sides: readonly SideResult[], parts: Partial<PriceResult> = {}): PriceResult =>
  priceResult(sides, { metrics: [START, CALLS, PIPE, MEMORY], ...parts })

export const EVERY_SIDE: readonly SideResult[] = ENGINE_NAMES.map((engine) => sideOf(engine))

export const subjectOf = (engine: EngineName, findings: readonly Finding[], neverStarted?: string) =>
  subject(findings, { name: engine, engine, ...(neverStarted === undefined ? {} : { neverStarted }) })

/** What the exam found of each; `HELD` where nothing is said, and nothing where it is null. */
export function knownOf(
  findings: Partial<Record<EngineName, readonly Finding[] | null>> = {},
  price: PriceResult = priceOf(EVERY_SIDE),
): Known {
  const examined = ENGINE_NAMES.flatMap((engine) => {
    const own = findings[engine] === undefined ? HELD : findings[engine]
    if (own === null) return []
    const source = { id: 'a1', at: '2026-11-28T18:01:30.000Z' }
    return [[engine, { source, subject: subjectOf(engine, own) }] as const]
  })
  return { examined: new Map(examined), price, options: [] }
}

export function chooseFor(known: Known, assets: readonly Asset[], budget: readonly Bound[] = []): Choice {
  const require = assets.map((asset) => ({ word: asset, asset }))
  return choose(known, { require, budget })
}

export const examOf = (
  findings: Partial<Record<EngineName, readonly Finding[]>>,
  parts: Partial<ExamResult> = {},
): ExamResult =>
  examResult(
    (Object.keys(findings) as EngineName[]).map((engine) => subjectOf(engine, findings[engine] ?? [])),
    parts,
  )

export const candidate = (choice: Choice, engine: EngineName) => {
  const found = choice.candidates.find((one) => one.engine === engine)
  if (found === undefined) throw new Error(`${engine} is no candidate`)
  return found
}
