import { createHash } from 'node:crypto'
import type { Ratio, Sample } from './result-types.ts'

/** Resamples of a bootstrap (Efron and Tibshirani 1993, percentile interval). */
const RESAMPLES = 2000
/** Of the 95 % interval. */
const [LOW, HIGH] = [0.025, 0.975]
/** A difference below this share is what an empty workload shows, too: it is called equal. */
export const DISTURBANCE = 0.02
/** An interval wider than this share of its median says little. */
const WIDE = 0.3

/** An interval that holds `no difference` and is wider than this says nothing either way: a quotient of its bounds, and points of percent. */
const [WIDE_RATIO, WIDE_LOSS] = [1.5, 20]

/** Order statistics of a sample, between neighbours by their distance (type 7 of Hyndman and Fan 1996); NaN of none. */
export function quantile(sample: readonly number[], q: number): number {
  /* Not a difference: a hang counts as infinite, and there may be two. */
  const sorted = sample.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const at = q * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  return below === above ? below : below + (above - below) * (at - Math.floor(at))
}

export const median = (sample: readonly number[]): number => quantile(sample, 0.5)

/**
 * What a sample comes to.
 *
 * @param values at least one, in the order of time
 */
export function summarize(values: readonly number[]): Sample {
  const middle = median(values)
  const medians = resampled([values], (samples) => median(samples[0] ?? []))
  const spread = (quantile(values, 0.75) - quantile(values, 0.25)) / middle
  return {
    runs: values.length,
    median: middle,
    low: quantile(medians, LOW),
    high: quantile(medians, HIGH),
    spread: middle === 0 ? 0 : spread,
    values,
  }
}

/** Cost of the box against the bare host, from the values of each; over 1 is dearer. */
export function ratioOf(box: Sample, bare: Sample, better: 'less' | 'more'): Ratio {
  const cost = (a: readonly number[], b: readonly number[]) =>
    better === 'less' ? median(a) / median(b) : median(b) / median(a)
  const ratios = resampled([box.values, bare.values], ([a = [], b = []]) => cost(a, b))
  const [value, low, high] = [cost(box.values, bare.values), quantile(ratios, LOW), quantile(ratios, HIGH)]
  const holdsOne = low <= 1 && high >= 1
  if (holdsOne && high / low > WIDE_RATIO) return { value, low, high, says: 'unclear' }
  const within = holdsOne || Math.abs(value - 1) < DISTURBANCE
  return { value, low, high, says: within ? 'equal' : value > 1 ? 'dearer' : 'cheaper' }
}

/** Loss in percent from one sample of a rate to another. */
export function lossOf(
  alone: Sample,
  beside: Sample,
): { percent: number; low: number; high: number; equal: boolean } {
  const loss = (a: readonly number[], b: readonly number[]) => (1 - median(b) / median(a)) * 100
  const losses = resampled([alone.values, beside.values], ([a = [], b = []]) => loss(a, b))
  const [percent, low, high] = [
    loss(alone.values, beside.values),
    quantile(losses, LOW),
    quantile(losses, HIGH),
  ]
  const within = (low <= 0 && high >= 0) || Math.abs(percent) < DISTURBANCE * 100
  return { percent, low, high, equal: within && high - low <= WIDE_LOSS }
}

export const isNoisy = ({ low, high, median: middle }: Sample): boolean => high - low > WIDE * middle

/** A statistic of samples drawn with replacement; the same samples give the same figures on every machine. */
function resampled(
  samples: readonly (readonly number[])[],
  of: (drawn: readonly (readonly number[])[]) => number,
): number[] {
  const next = generator(JSON.stringify(samples))
  return Array.from({ length: RESAMPLES }, () =>
    of(samples.map((sample) => sample.map(() => sample[Math.floor(next() * sample.length)] as number))),
  )
}

/** xorshift32 (Marsaglia 2003), seeded by what is drawn from; from 0 to below 1. */
function generator(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE() || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
