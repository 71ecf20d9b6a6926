import { z } from 'zod'

/* Numbers with their intervals, as prices are full of them. */

/** A thousand million thousand of any unit: what is more is no measurement, and would break a scale. */
const MOST = 1e15
export const figure = z.number().min(-MOST).max(MOST)
const amount = z.number().nonnegative().max(MOST)
/** Below this no clock of ours can see, and a logarithm is none. */
const share = z
  .number()
  .min(1 / MOST)
  .max(MOST)

export const ORDERED = 'its interval ends before it begins'
export const isOrdered = ({ low, high }: { readonly low: number; readonly high: number }): boolean =>
  low <= high

/** For `refine`: whether no two in the list have the same in this field. */
export function noTwice<K extends string>(field: K) {
  return (all: readonly { readonly [field in K]: string }[]): boolean =>
    new Set(all.map((one) => one[field])).size === all.length
}

export const sampleSchema = z
  .strictObject({
    runs: z.int().positive().max(100_000),
    median: amount,
    low: amount.describe('Bound of the 95 % bootstrap interval of the median.'),
    high: amount,
    spread: amount.describe('Interquartile range over the median.'),
    values: z.array(amount).max(100_000).describe('Each run, in the order of time.'),
  })
  .refine(isOrdered, ORDERED)
  .describe("In the metric's unit.")

export const ratioSchema = z
  .strictObject({
    value: share,
    low: share.describe('Bound of its 95 % bootstrap interval.'),
    high: share,
    says: z
      .enum(['equal', 'unclear', 'dearer', 'cheaper'])
      .describe('Equal where the interval holds 1, or the difference is below what an empty workload shows.'),
  })
  .refine(isOrdered, ORDERED)
  .describe('Cost of the box over cost of the bare host: over 1 is always dearer.')
