import { printable } from '../policy/quote.ts'
import type { Bound } from './choice-types.ts'
import { figureOf } from './figures.ts'
import type { Metric, SideResult } from './result-types.ts'

/** What a price says of one bound under one technology. */
export interface Bounding {
  readonly state: 'within' | 'over' | 'unknown'
  readonly why: string
}

/** The far end of the interval must hold it, too: a median that happens to lie below a bound keeps nobody's budget. */
export function boundingOf(side: SideResult, bound: Bound, metric: Metric | undefined): Bounding {
  const figure = figureOf(side, bound.metric)
  if (metric === undefined || figure === undefined)
    return { state: 'unknown', why: `${bound.metric} was not measured` }
  if (figure.state === 'not measured')
    return { state: 'unknown', why: `${bound.metric} was not measured: ${printable(figure.reason)}` }
  const { median, low, high } = figure.box
  const far = bound.relation === '<' ? high : low
  const within = bound.relation === '<' ? high < bound.value : low > bound.value
  const end = bound.relation === '<' ? 'at most' : 'at least'
  const figures = `${bound.metric} is ${rounded(median)} ${metric.unit}, ${end} ${rounded(far)}`
  const budget = `${bound.relation === '<' ? 'below' : 'above'} ${rounded(bound.value)} ${metric.unit}`
  return within
    ? { state: 'within', why: `${figures}: ${budget}` }
    : { state: 'over', why: `${figures}, and the budget is ${budget}` }
}

/** Three digits that count. */
export const rounded = (value: number): string =>
  Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
