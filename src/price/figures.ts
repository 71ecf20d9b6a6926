import type { Figure, Metric, PriceResult, SideResult } from './result-types.ts'

/* What a result comes to; pure, for reports and choices. */

export const figureOf = ({ figures }: SideResult, metric: string): Figure | undefined =>
  figures.find((figure) => figure.metric === metric)

/**
 * What a box of this side costs as a whole: the geometric mean of its ratios to the bare host, the right mean of ratios (Fleming and
 * Wallace 1986), of each group of metrics first, and then of the groups, so that no group counts more by having more metrics. A metric
 * without a ratio counts for nothing. Absent where nothing was measured.
 */
export function costOf(side: SideResult, metrics: readonly Metric[]): number | undefined {
  const groups = Map.groupBy(
    metrics.flatMap(({ id, group }) => {
      const figure = figureOf(side, id)
      return figure?.state === 'measured' && figure.ratio !== undefined
        ? [{ group, log: Math.log(figure.ratio.value) }]
        : []
    }),
    ({ group }) => group,
  )
  const means = [...groups.values()].map((rows) => mean(rows.map(({ log }) => log)))
  return means.length === 0 ? undefined : Math.exp(mean(means))
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

export const metricOf = ({ metrics }: PriceResult, id: string) => metrics.find((metric) => metric.id === id)
