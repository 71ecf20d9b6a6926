import type { Comparison } from '../../price/comparison-types.ts'
import { type Compared, figureOf, isCompared } from '../../price/figures.ts'
import type { MeasuredFigure, Metric, Ratio, SideResult } from '../../price/result-types.ts'
import { amount } from '../price-words.ts'
import { sideName } from './engines.ts'
import { times } from './numbers.ts'
import type { Technology } from './technologies.ts'

/** What a surprise is looked for in. */
export interface Seen {
  readonly comparison: Comparison
  readonly technologies: readonly Technology[]
}

/** Something that a reader may not expect, in a sentence, and the figures that it stands on. Without any markup. */
export interface Surprise {
  readonly says: string
  readonly evidence: string
}

/** Looks at the data for one thing, and is silent where the data does not show it. */
export type Look = (seen: Seen) => Surprise | undefined

/** With evidence only: what was looked for and not found is no surprise. */
export const surprise = (says: string, evidence: readonly string[]): Surprise | undefined =>
  evidence.length === 0 ? undefined : { says, evidence: `${evidence.join('; ')}.` }

export function measuredOf(side: SideResult, metric: string): MeasuredFigure | undefined {
  const figure = figureOf(side, metric)
  return figure?.state === 'measured' ? figure : undefined
}

export function comparedOf(side: SideResult, metric: string): Compared | undefined {
  const figure = figureOf(side, metric)
  return isCompared(figure) ? figure : undefined
}

/** The whole interval of one is below that of the other. */
export const isBelow = (a: { readonly high: number }, b: { readonly low: number }): boolean => a.high < b.low

/** `equal`, `4.2× (4.0 to 4.5)`, `unclear (0.6 to 1.8)`. */
export function ratioWhole({ value, low, high, says }: Ratio): string {
  const range = `(${times(low).slice(0, -1)} to ${times(high).slice(0, -1)})`
  return says === 'equal' ? says : `${says === 'unclear' ? says : times(value)} ${range}`
}

/** `vm (emulated) 4.1 s`. */
export const medianWords = (side: SideResult, { box }: MeasuredFigure, { unit }: Metric): string =>
  `${sideName(side)} ${amount(box.median, unit)}`
