import { GloveboxError } from '../errors.ts'
import { quote } from './quote.ts'

/** Where a value was written, for errors: a flag or a field of a file, and how a right one looks there. */
export interface ValueSource {
  /** `--memory`, `limits.memory` */
  readonly name: string
  /** `--memory 512M`, `memory: 512M` */
  readonly example: string
}

const SIZE_FACTORS = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 } as const
const DURATION_FACTORS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

// The counts of digits bound both the work and the result; ranges are checked by the limit that the value is for.
const SIZE = /^(\d{1,16}(?:\.\d{1,6})?)(?:([kmgt])(?:ib?)?)?$/i
const DURATION = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/
const CPUS = /^\d{1,6}(?:\.\d{1,3})?$/
const WHOLE = /^\d{1,15}$/

/**
 * Bytes of `512M`, `1.5G`, `64KiB` or `4096`. K, M, G and T are powers of 1024; a fraction of a byte is dropped.
 *
 * @throws GloveboxError BAD_VALUE
 */
export function parseSize(text: string, source: ValueSource): number {
  const [, amount, suffix] = SIZE.exec(text) ?? []
  // "1.5" without a unit is a forgotten unit, not one and a half bytes.
  if (amount === undefined || (suffix === undefined && amount.includes('.')))
    throw badValue(text, source, 'it is not a size (bytes, or a number with K, M, G or T)')
  const factor = suffix === undefined ? 1 : SIZE_FACTORS[suffix.toLowerCase() as keyof typeof SIZE_FACTORS]
  return safe(Math.floor(Number(amount) * factor), text, source)
}

/**
 * Milliseconds of `500ms`, `30s`, `2m`, `1.5h` or `1d`. A bare number is refused: seconds and milliseconds are
 * taken for each other too easily.
 *
 * @throws GloveboxError BAD_VALUE
 */
export function parseDuration(text: string, source: ValueSource): number {
  const [, amount, unit] = DURATION.exec(text) ?? []
  if (amount === undefined || unit === undefined)
    throw badValue(text, source, 'it is not a duration (a number with ms, s, m, h or d)')
  return safe(
    Math.floor(Number(amount) * DURATION_FACTORS[unit as keyof typeof DURATION_FACTORS]),
    text,
    source,
  )
}

/**
 * CPUs' worth of time: `0.5`, `2`, `1.25`.
 *
 * @throws GloveboxError BAD_VALUE
 */
export function parseCpus(text: string, source: ValueSource): number {
  if (!CPUS.test(text)) throw badValue(text, source, 'it is not a number with at most three decimals')
  return Number(text)
}

/**
 * A whole number in decimal digits.
 *
 * @throws GloveboxError BAD_VALUE
 */
export function parseWhole(text: string, source: ValueSource): number {
  if (!WHOLE.test(text)) throw badValue(text, source, 'it is not a whole number')
  return Number(text)
}

/** The shortest text, two decimals at most, that {@link parseSize} reads as exactly these bytes. */
export function formatSize(bytes: number): string {
  for (const suffix of ['t', 'g', 'm', 'k'] as const) {
    const factor = SIZE_FACTORS[suffix]
    const amount = (bytes / factor).toFixed(2).replace(/\.?0+$/, '')
    if (bytes >= factor && Math.floor(Number(amount) * factor) === bytes)
      return `${amount}${suffix.toUpperCase()}`
  }
  return String(bytes)
}

/** The largest unit that leaves no fraction; {@link parseDuration} reads it as exactly these milliseconds. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const factor = DURATION_FACTORS[unit]
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`
  }
  return `${ms}ms`
}

/** The error for a value that cannot be used; `why` goes on from "Cannot use X for Y: ". */
export function badValue(text: string, source: ValueSource, why: string): GloveboxError {
  return new GloveboxError({
    code: 'BAD_VALUE',
    audience: 'usage',
    message: `Cannot use ${quote(text)} for ${source.name}: ${why}.`,
    remedy: `Write it as in: ${source.example}`,
    details: { name: source.name, value: text, example: source.example },
  })
}

function safe(value: number, text: string, source: ValueSource): number {
  if (Number.isSafeInteger(value)) return value
  throw badValue(text, source, 'it is too large')
}
