import type { Session } from '../exam/session.ts'
import { type Filling, inUnit, NoRun, type Run, runWorkload } from './ask.ts'
import type { Figure, Metric } from './result-types.ts'
import { isNoisy, ratioOf, summarize } from './statistics.ts'
import type { Workload } from './workloads.ts'

/** Where workloads run: the bare host, or a box. */
export interface Place {
  readonly session: Session
  readonly filling: Filling
}

export interface Rounds {
  readonly rounds: number
  /** Milliseconds of one run of one workload. */
  readonly runMs: number
}

/** Values of each run on both sides, in the order of time. */
export interface Runs {
  readonly box: number[]
  readonly bare: number[]
}

/** Those of a workload, or why there are none. */
export interface Values extends Runs {
  reason?: string
  /** Nanoseconds of a batch in the box, of the last run. */
  batchNs: number
}

/**
 * Runs workloads on both sides, in turns: what disturbs the machine meanwhile disturbs both. A workload that has failed once is
 * left out from then on.
 */
export async function runRounds(
  places: { readonly bare: Place; readonly box: Place },
  workloads: readonly Workload[],
  { rounds, runMs }: Rounds,
  onRound: (done: number) => void,
): Promise<Map<string, Values>> {
  const all = new Map(workloads.map(({ id }): [string, Values] => [id, { box: [], bare: [], batchNs: 0 }]))
  for (let round = 0; round < rounds; round++) {
    for (const workload of workloads) {
      const values = all.get(workload.id)
      if (values === undefined || values.reason !== undefined) continue
      await runBoth(places, workload, runMs, values, round % 2 === 0).catch((error: unknown) => {
        if (!(error instanceof NoRun)) throw error
        values.reason = error.message
      })
    }
    onRound(round + 1)
  }
  return all
}

/** One run on each side; who is first alternates. @throws NoRun */
async function runBoth(
  { bare, box }: { readonly bare: Place; readonly box: Place },
  workload: Workload,
  runMs: number,
  values: Values,
  bareFirst: boolean,
): Promise<void> {
  const at = ({ session, filling }: Place): Promise<Run> => runWorkload(session, workload, runMs, filling)
  const onBare = () =>
    at(bare).catch((error: unknown) => {
      throw error instanceof NoRun ? new NoRun(`on the bare host ${error.message}`) : error
    })
  const early = bareFirst ? await onBare() : undefined
  const inside = await at(box)
  const outside = early ?? (await onBare())
  if (inside.check !== outside.check)
    throw new NoRun(`it did other work than on the bare host: ${inside.check}, not ${outside.check}`)
  values.box.push(inUnit(workload, inside))
  values.bare.push(inUnit(workload, outside))
  values.batchNs = inside.nanoseconds / inside.batches
}

/** What both samples of a metric come to. A bare host that has no such thing gives none. */
export function figureFrom(
  { id, better }: Pick<Metric, 'id' | 'better'>,
  {
    box,
    bare,
    reason,
  }: { readonly box: readonly number[]; readonly bare?: readonly number[]; readonly reason?: string },
): Figure {
  if (reason !== undefined || box.length === 0)
    return { metric: id, state: 'not measured', reason: reason ?? 'it was not run' }
  const own = summarize(box)
  if (bare === undefined || bare.length === 0)
    return { metric: id, state: 'measured', box: own, noisy: isNoisy(own) }
  const host = summarize(bare)
  return {
    ...{ metric: id, state: 'measured', box: own, bare: host },
    ratio: ratioOf(own, host, better),
    noisy: isNoisy(own) || isNoisy(host),
  }
}
