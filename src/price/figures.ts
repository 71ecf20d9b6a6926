import type { Figure, PriceResult, SideResult } from './result-types.ts'

/* What a result comes to; pure, for reports and choices. */

export const figureOf = ({ figures }: SideResult, metric: string): Figure | undefined =>
  figures.find((figure) => figure.metric === metric)

/**
 * What a box of this side costs as a whole: the geometric mean of its ratios to the bare host, the right mean of ratios (Fleming and
 * Wallace 1986). Metrics without a ratio count for nothing. Absent where nothing was measured.
 */
export function costOf(side: SideResult): number | undefined {
  const logs = side.figures.flatMap((figure) =>
    figure.state === 'measured' && figure.ratio !== undefined ? [Math.log(figure.ratio.value)] : [],
  )
  return logs.length === 0 ? undefined : Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)
}

export const metricOf = ({ metrics }: PriceResult, id: string) => metrics.find((metric) => metric.id === id)
