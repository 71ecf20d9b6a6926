import { type Fields, isCount, parseObject } from './log-line.ts'

/** What the resolver says, one line of JSON each (docs/decisions/016-resolver.md). */
export type ResolverLine =
  | { readonly kind: 'ready'; readonly atSeconds: number }
  | { readonly kind: 'policy'; readonly atSeconds: number; readonly names: number }
  | {
      readonly kind: 'policy-refused'
      readonly atSeconds: number
      readonly line: number
      readonly why: string
    }
  | { readonly kind: 'lost'; readonly atSeconds: number; readonly lines: number }
  /** The first line of each half of the log: its number, and how many lines are gone. */
  | { readonly kind: 'half'; readonly atSeconds: number; readonly number: number; readonly goneLines: number }
  | ResolverQuestion

export interface ResolverQuestion {
  readonly kind: 'question'
  readonly atSeconds: number
  /** In lower case, without the last dot; what is neither letter, digit, - nor _ as \DDD. */
  readonly name: string
  readonly type: string
  readonly verdict: Verdict
  readonly addresses: readonly string[]
  readonly ttlSeconds: number
  /** From the question to its answer. */
  readonly ms: number
}

export const VERDICTS = [
  'answered',
  'cached',
  'empty',
  'refused',
  'rebinding',
  'failed',
  'closed',
  'malformed',
] as const
export type Verdict = (typeof VERDICTS)[number]

const MAX_LINE = 5120
const NAME = /^(?:[a-z0-9_.-]|\\\d{3})*$/i
const ADDRESS = /^[0-9a-f:.]{2,45}$/
const TYPE = /^[A-Z]{1,5}\d{0,5}$/

/**
 * Reads one line, without its end. Pure; never throws. The resolver reads what is hostile, so what it says is read as
 * strictly: undefined for whatever it would not write.
 */
export function readResolverLine(text: string): ResolverLine | undefined {
  if (text.length > MAX_LINE) return undefined
  const fields = parseObject(text)
  const atSeconds = fields?.['at']
  if (fields === undefined || typeof atSeconds !== 'number') return undefined
  return fields['event'] === undefined ? readQuestion(fields, atSeconds) : readEvent(fields, atSeconds)
}

function readEvent(
  { event, names, line, why, lines, number, gone }: Fields,
  atSeconds: number,
): ResolverLine | undefined {
  if (event === 'ready') return { kind: event, atSeconds }
  if (event === 'policy' && isCount(names)) return { kind: event, atSeconds, names }
  if (event === 'half' && isCount(number) && isCount(gone))
    return { kind: event, atSeconds, number, goneLines: gone }
  if (event === 'lost' && isCount(lines)) return { kind: event, atSeconds, lines }
  if (event === 'policy-refused' && isCount(line) && typeof why === 'string')
    return { kind: event, atSeconds, line, why }
  return undefined
}

function readQuestion(fields: Fields, atSeconds: number): ResolverQuestion | undefined {
  const { name, type, addresses, ttl, ms } = fields
  const verdict = VERDICTS.find((one) => one === fields['verdict'])
  if (verdict === undefined || !isCount(ttl) || !isCount(ms)) return undefined
  if (typeof name !== 'string' || !NAME.test(name) || typeof type !== 'string' || !TYPE.test(type))
    return undefined
  if (!Array.isArray(addresses) || addresses.length > 64) return undefined
  if (!addresses.every((one): one is string => typeof one === 'string' && ADDRESS.test(one))) return undefined
  return { kind: 'question', atSeconds, name, type, verdict, addresses, ttlSeconds: ttl, ms }
}
