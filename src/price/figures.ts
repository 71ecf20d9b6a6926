import type { Figure, Group, MeasuredFigure, Metric, PriceResult, Ratio, SideResult } from './result-types.ts'

/* What a result comes to; pure, for reports and choices. */

export const figureOf = ({ figures }: Pick<SideResult, 'figures'>, metric: string): Figure | undefined =>
  figures.find((figure) => figure.metric === metric)

export type Compared = MeasuredFigure & { readonly ratio: Ratio }

/** It has a ratio to the bare host that means anything: one of 0 has none. */
export function isCompared(figure: Figure | undefined): figure is Compared {
  if (figure?.state !== 'measured' || figure.ratio === undefined) return false
  const { value, low, high } = figure.ratio
  return [value, low, high].every((one) => Number.isFinite(one) && one > 0)
}

/** What a technology costs as a whole. */
export interface Cost {
  /** Geometric mean of its ratios to the bare host, the right mean of ratios (Fleming and Wallace 1986). */
  readonly value: number
  /** Half of its interval, as a logarithm. */
  readonly noise: number
}

/**
 * What a box of this side costs: the mean of each group of metrics first, and then of the groups, so that no group counts more by
 * having more metrics. A metric without a ratio counts for nothing. Undefined where nothing was measured beside the bare host.
 */
export function costOf(side: Pick<SideResult, 'figures'>, metrics: readonly Metric[]): Cost | undefined {
  const rows = metrics.flatMap(({ id, group }) => {
    const figure = figureOf(side, id)
    return isCompared(figure) ? [{ group, ratio: figure.ratio }] : []
  })
  if (rows.length === 0) return undefined
  const groups = Map.groupBy(rows, ({ group }) => group)
  const weightOf = (group: Group): number => 1 / groups.size / (groups.get(group)?.length ?? 1)
  const logs = rows.map(({ group, ratio }) => weightOf(group) * Math.log(ratio.value))
  /* Half intervals of independent logarithms add up by their squares. */
  const halves = rows.map(({ group, ratio }) => (weightOf(group) * Math.log(ratio.high / ratio.low)) / 2)
  return { value: Math.exp(logs.reduce((sum, log) => sum + log, 0)), noise: Math.hypot(...halves) }
}

export const metricOf = ({ metrics }: PriceResult, id: string) => metrics.find((metric) => metric.id === id)
