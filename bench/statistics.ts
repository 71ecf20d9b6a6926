import { median, quantile } from '../src/price/statistics.ts'

export { median, quantile }

export const p90 = (sample: readonly number[]): number => quantile(sample, 0.9)

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

/** A goal and what was measured against it. */
export interface Row {
  readonly name: string
  readonly value: number
  /** The most that it may be; absent for a figure that has no goal. */
  readonly most?: number
  /** The least that it may be. */
  readonly least?: number
  /** The figures behind it. */
  readonly detail: string
}

/** One line of a table; the last column says how it was got. */
export function formatRow({ name, value, most, least, detail }: Row): string {
  const goal = most ?? least
  const held = value <= (most ?? value) && value >= (least ?? value)
  return line(
    name,
    value.toFixed(2),
    goal?.toFixed(2) ?? '',
    goal === undefined ? '' : held ? 'yes' : 'NO',
    detail,
  )
}

export const HEADING = line('what', 'measured', 'goal', 'held', 'figures')

function line(name: string, value: string, most: string, held: string, detail: string): string {
  return `${name.padEnd(52)}${value.padStart(9)}${most.padStart(7)}  ${held.padEnd(5)} ${detail}`
}
