import type { EngineName } from '../plan/types.ts'
import { costOf } from './figures.ts'
import type { Figure, MeasuredFigure, SideResult } from './result-types.ts'
import { DISTURBANCE } from './statistics.ts'

/** What a technology costs as a whole, to be compared with others of the same price. */
export interface Cost {
  /** Geometric mean of its ratios to the bare host. */
  readonly value: number
  /** Half of its interval, as a logarithm. */
  readonly noise: number
}

export interface Costs {
  /** Metrics that it is the mean of: those which every technology of these has, as others would compare unlike with unlike. */
  readonly metrics: readonly string[]
  readonly of: ReadonlyMap<EngineName, Cost>
}

type Compared = MeasuredFigure & { readonly ratio: NonNullable<MeasuredFigure['ratio']> }

/** One that has no figure beside the bare host has no cost, and does not count as lacking one. */
export function costsOf(sides: readonly SideResult[]): Costs {
  const compared = sides.filter(({ figures }) => figures.some(isCompared))
  const [first, ...others] = compared.map(
    ({ figures }) => new Set(figures.filter(isCompared).map((figure) => figure.metric)),
  )
  const common = new Set([...(first ?? [])].filter((metric) => others.every((one) => one.has(metric))))
  const entries = compared.flatMap((side): [EngineName, Cost][] => {
    const figures = side.figures.filter(isCompared).filter(({ metric }) => common.has(metric))
    const value = costOf({ ...side, figures })
    return value === undefined ? [] : [[side.subject.engine, { value, noise: noiseOf(figures) }]]
  })
  return { metrics: [...common], of: new Map(entries) }
}

/** Whether the difference of two costs is no larger than what measuring them again would show. */
export const isTied = (a: Cost, b: Cost): boolean =>
  Math.abs(Math.log(a.value / b.value)) <= Math.max(Math.hypot(a.noise, b.noise), Math.log(1 + DISTURBANCE))

/** Of the mean of independent logarithms: their half intervals add up by their squares. */
const noiseOf = (figures: readonly Compared[]): number =>
  Math.hypot(...figures.map(({ ratio: { low, high } }) => Math.log(high / low) / 2)) / figures.length

/** A figure of 0 has no ratio that means anything. */
function isCompared(figure: Figure): figure is Compared {
  if (figure.state !== 'measured' || figure.ratio === undefined) return false
  const { value, low, high } = figure.ratio
  return [value, low, high].every((one) => Number.isFinite(one) && one > 0)
}
