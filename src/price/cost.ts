import type { EngineName } from '../plan/types.ts'
import { type Cost, costOf, isCompared } from './figures.ts'
import type { PriceResult } from './result-types.ts'
import { DISTURBANCE } from './statistics.ts'

/** What technologies cost, to be compared with each other. */
export interface Costs {
  /** Metrics that it is the mean of: those which every technology of these has, as others would compare unlike with unlike. */
  readonly metrics: readonly string[]
  readonly of: ReadonlyMap<EngineName, Cost>
}

/** One that has no figure beside the bare host has no cost, and does not count as lacking one. */
export function costsOf({ sides, metrics }: Pick<PriceResult, 'sides' | 'metrics'>): Costs {
  const compared = sides.filter(({ figures }) => figures.some(isCompared))
  const [first, ...others] = compared.map(
    ({ figures }) => new Set(figures.filter(isCompared).map((figure) => figure.metric)),
  )
  const common = new Set([...(first ?? [])].filter((metric) => others.every((one) => one.has(metric))))
  const shared = metrics.filter(({ id }) => common.has(id))
  const entries = compared.flatMap((side): [EngineName, Cost][] => {
    const cost = costOf(side, shared)
    return cost === undefined ? [] : [[side.subject.engine, cost]]
  })
  return { metrics: shared.map(({ id }) => id), of: new Map(entries) }
}

/** Whether the difference of two costs is no larger than what measuring them again would show. */
export const isTied = (a: Cost, b: Cost): boolean =>
  Math.abs(Math.log(a.value / b.value)) <= Math.max(Math.hypot(a.noise, b.noise), Math.log(1 + DISTURBANCE))
