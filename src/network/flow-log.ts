import { type Fields, isCount, parseObject } from './log-line.ts'

/** What the log of flows says, one line of JSON each (docs/decisions/020-flow-log.md). */
export type FlowLine =
  | Flow
  | { readonly kind: 'ready' | 'end' | 'full'; readonly atSeconds: number }
  /** Lines that no longer are there, or never came to be. */
  | { readonly kind: 'lost'; readonly atSeconds: number; readonly what: LostKind; readonly count: number }
  /** So many messages of the kernel's found no room: ends come again, and of beginnings the end of the log says how many are missing. */
  | { readonly kind: 'late'; readonly atSeconds: number; readonly count: number }
  /** The first line of each half of the log. */
  | { readonly kind: 'half'; readonly atSeconds: number; readonly number: number; readonly goneLines: number }

/**
 * `lines` of this log, `starts` and `ends` of flows, `events` of the firewall's, `names` that could not be told, packets `refused` and not logged one by one, `gone`:
 * lines that were dropped as the log is bounded.
 */
export const LOST_KINDS = ['lines', 'starts', 'ends', 'events', 'names', 'refused'] as const
export type LostKind = (typeof LOST_KINDS)[number] | 'gone'

export const FLOW_STAGES = ['start', 'end', 'open', 'refused'] as const
/** `open`: there was no end of it before the box's. */
export type FlowStage = (typeof FLOW_STAGES)[number]

export interface Flow {
  readonly kind: 'flow'
  readonly atSeconds: number
  readonly stage: FlowStage
  readonly verdict: 'allowed' | 'refused'
  /** `tcp`, `udp`, `icmp`, `icmpv6`, or its number. */
  readonly protocol: string
  /** Who began it. */
  readonly from: string
  readonly fromPort: number
  readonly to: string
  readonly toPort: number
  /** The name whose answer last held `to`; what is neither letter, digit, - nor _ does not occur. */
  readonly name?: string
  /** The same in all lines of one flow. */
  readonly id?: number
  readonly startSeconds?: number
  readonly endSeconds?: number
  readonly sentBytes?: number
  readonly sentPackets?: number
  readonly receivedBytes?: number
  readonly receivedPackets?: number
  /** The firewall's own word. */
  readonly why?: string
}

export const MAX_LINE = 5120
const NAME = /^[a-z0-9_.-]{1,253}$/
const ADDRESS = /^[0-9a-f:.]{2,45}$/
const PROTOCOL = /^[a-z0-9]{1,8}$/
const WHY = /^[ !#-[\]-~]{1,64}$/

/**
 * Reads one line, without its end. Pure; never throws. Whoever wrote it reads what is hostile, so it is read as strictly: undefined
 * for whatever it would not write.
 */
export function readFlowLine(text: string): FlowLine | undefined {
  const fields = text.length > MAX_LINE ? undefined : parseObject(text)
  const atSeconds = fields?.['at']
  if (fields === undefined || !isSeconds(atSeconds)) return undefined
  return fields['event'] === undefined ? readFlow(fields, atSeconds) : readEvent(fields, atSeconds)
}

const isPort = (value: unknown): value is number => isCount(value) && value <= 65_535
/** Of a time that a Date can hold. */
const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < 8.64e12
const isText = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && pattern.test(value)

function readEvent(fields: Fields, atSeconds: number): FlowLine | undefined {
  const { event, number, gone, events } = fields
  if (event === 'late' && isCount(events)) return { kind: event, atSeconds, count: events }
  if (event === 'ready' || event === 'end' || event === 'full') return { kind: event, atSeconds }
  if (event === 'half' && isCount(number) && isCount(gone))
    return { kind: event, atSeconds, number, goneLines: gone }
  const what = LOST_KINDS.find((one) => isCount(fields[one]))
  if (event === 'lost' && what !== undefined)
    return { kind: event, atSeconds, what, count: Number(fields[what]) }
  return undefined
}

function readFlow(fields: Fields, atSeconds: number): Flow | undefined {
  const { protocol, from, fromPort, to, toPort } = fields
  const stage = FLOW_STAGES.find((one) => one === fields['flow'])
  const verdict = stage === 'refused' ? 'refused' : 'allowed'
  if (stage === undefined || fields['verdict'] !== verdict) return undefined
  if (!isText(protocol, PROTOCOL) || !isText(from, ADDRESS) || !isText(to, ADDRESS)) return undefined
  if (!isPort(fromPort) || !isPort(toPort)) return undefined
  const rest = readRest(fields)
  if (rest === undefined) return undefined
  return { kind: 'flow', atSeconds, stage, verdict, protocol, from, fromPort, to, toPort, ...rest }
}

/** Fields that may be missing, with what each must be, and its name in a Flow. */
const REST: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  name: ['name', (value) => isText(value, NAME)],
  why: ['why', (value) => isText(value, WHY)],
  id: ['id', isCount],
  start: ['startSeconds', isSeconds],
  end: ['endSeconds', isSeconds],
  sentBytes: ['sentBytes', isCount],
  sentPackets: ['sentPackets', isCount],
  receivedBytes: ['receivedBytes', isCount],
  receivedPackets: ['receivedPackets', isCount],
}

function readRest(fields: Fields): Partial<Flow> | undefined {
  const rest: Record<string, unknown> = {}
  for (const [field, [name, isGood]] of Object.entries(REST)) {
    const value = fields[field]
    if (value === undefined) continue
    if (!isGood(value)) return undefined
    rest[name] = value
  }
  return rest
}
