import { ENGINES } from '../engine/index.ts'
import type { EngineName } from '../plan/types.ts'

const CLOSERS = ['pasta', 'gate', 'roaming'] as const

/** What happened to a box, and when. */
export type BoxEvent = {
  /** ISO 8601, in UTC. */
  readonly time: string
  /** Id of the box. */
  readonly box: string
} & BoxHappening

export type BoxHappening =
  | {
      /** Somebody asked for it; a kept box is created anew at each of its starts. */
      readonly type: 'created'
      /** The name it is kept under. */
      readonly name?: string
      readonly engine: EngineName
      readonly image: string
      /** First word of its command; arguments may hold secrets, and are not told. */
      readonly program: string
    }
  /** Its command runs. */
  | { readonly type: 'started' }
  /** A further command was started in it. */
  | { readonly type: 'exec'; readonly program: string }
  /** Its command has ended; `reason` where it was ended by its bound on memory or time. */
  | { readonly type: 'exited'; readonly exitCode: number; readonly reason?: 'memory' | 'wall' }
  /** Its supervisor was killed, and with it the box: there is no exit code. */
  | { readonly type: 'killed' }
  /**
   * Its network is closed for the rest of its life, as part of it has ended: `pasta`, or the `gate` with its firewall, resolver and log;
   * or as its rules could not follow the machine into another network (`roaming`).
   */
  | { readonly type: 'network-closed'; readonly by: (typeof CLOSERS)[number] }
  /** The machine has got addresses or networks that are refused to it from now on: so many. */
  | { readonly type: 'network-moved'; readonly ranges: number }
  /** It could not be started. */
  | { readonly type: 'failed' }
  /** Nothing of it is left. */
  | { readonly type: 'removed' }

/** One line of the journal, or undefined for what is none: other versions, and lines that a kill has cut. */
export function parseEvent(line: string): BoxEvent | undefined {
  const found = parseObject(line)
  if (found === undefined) return undefined
  const { timeMs, box } = found
  if (typeof timeMs !== 'number' || !(Math.abs(timeMs) <= 8.64e15) || typeof box !== 'string')
    return undefined
  const happening = parseHappening(found)
  return happening === undefined ? undefined : { time: new Date(timeMs).toISOString(), box, ...happening }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    // A line that is no JSON is no event.
    return undefined
  }
}

function parseHappening(found: Readonly<Record<string, unknown>>): BoxHappening | undefined {
  const { type, name, engine, image, program, exitCode, reason, by, ranges } = found
  switch (type) {
    case 'started':
    case 'failed':
    case 'removed':
      return { type }
    case 'network-closed':
      return isCloser(by) ? { type, by } : undefined
    case 'network-moved':
      return typeof ranges === 'number' ? { type, ranges } : undefined
    case 'exec':
      return typeof program === 'string' ? { type, program } : undefined
    case 'exited':
      if (typeof exitCode !== 'number') return undefined
      return { type, exitCode, ...(reason === 'memory' || reason === 'wall' ? { reason } : {}) }
    case 'created':
      if (!isEngineName(engine) || typeof image !== 'string') return undefined
      if (typeof program !== 'string') return undefined
      return { type, ...(typeof name === 'string' ? { name } : {}), engine, image, program }
    default:
      return undefined
  }
}

const isCloser = (value: unknown): value is (typeof CLOSERS)[number] => CLOSERS.some((one) => one === value)

const isEngineName = (value: unknown): value is EngineName =>
  typeof value === 'string' && Object.hasOwn(ENGINES, value)
