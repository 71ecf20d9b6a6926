import type { Ratio, Unit } from '../price/result-types.ts'

/** A figure and its unit for people, with three digits: `1.23 ms`. Larger or smaller units of time are taken where they fit. */
export function amount(value: number, unit: Unit): string {
  const [shown, name] = scaled(value, unit)
  return `${digits(shown)} ${name}`
}

const TIMES: readonly (readonly [Unit | 's', number])[] = [
  ['ns', 1],
  ['us', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
]
/** The unit as it is printed. */
const PRINTED: Readonly<Record<string, string>> = { us: 'µs', '1/s': 'a second' }

function scaled(value: number, unit: Unit): [number, string] {
  const own = TIMES.find(([name]) => name === unit)
  if (own === undefined) return [value, PRINTED[unit] ?? unit]
  const nanoseconds = value * own[1]
  const [name, size] = TIMES.findLast(([, one]) => Math.abs(nanoseconds) >= one) ?? own
  return [nanoseconds / size, PRINTED[name] ?? name]
}

/** Three digits that mean something; whole where there are more. */
export function digits(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** `4.2×`, `equal`, `unclear`. */
export function ratioInWords({ value, says }: Ratio): string {
  return says === 'equal' || says === 'unclear' ? says : `${digits(value)}×`
}

export const runsInWords = (runs: number): string => `${runs} ${runs === 1 ? 'run' : 'runs'}`
