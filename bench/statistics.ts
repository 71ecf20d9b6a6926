/** Order statistics of a sample; not changed by it. */
export function quantile(sample: readonly number[], q: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export const median = (sample: readonly number[]): number => quantile(sample, 0.5)

/** One case of an interleaved run. */
export interface Sample {
  readonly wallMs: readonly number[]
  readonly cpuMs: readonly number[]
  readonly failures: number
}

/** Reads what bench/measure.c prints. */
export function readSamples(output: string, cases: number): Sample[] {
  const rows = output
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
  return Array.from({ length: cases }, (_one, number) => {
    const own = rows.filter((row) => row[0] === number)
    return {
      wallMs: own.map((row) => (row[1] ?? 0) / 1e6),
      cpuMs: own.map((row) => (row[2] ?? 0) / 1e3),
      failures: own.filter((row) => row[4] !== 0).length,
    }
  })
}

/** A goal and what was measured against it; `most` is the bound of the ratio. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly most: number | undefined
  readonly detail: string
}

export function formatRow({ name, value, most, detail }: Row): string {
  const verdict = most === undefined ? '' : value <= most ? '  within' : '  ABOVE'
  const goal = most === undefined ? '' : ` (goal ${most})`
  return `${name.padEnd(52)} ${value.toFixed(3)}${goal}${verdict}   ${detail}`
}
