import type { Answer, Session } from '../exam/session.ts'
import type { Unit } from './result-types.ts'
import type { Workload } from './workloads.ts'

/** What a run of a workload told (guest/price/price.c), read strictly; the program in the box may be another one by now. */
export interface Run {
  readonly batches: number
  readonly nanoseconds: number
  /** What a batch did. */
  readonly check: string
}

/** What fills the places in a workload's words. */
export interface Filling {
  readonly folder: string
  /** A server outside; absent where this place has no network to it. */
  readonly server?: { readonly address: string; readonly port: number }
}

/** Milliseconds for a run to end beyond its own time: one batch may take seconds where a processor is emulated. */
const PATIENCE_MS = 60_000

/** Letters of what a failed run said; a box may flood. */
const MOST_WORDS = 200

/** Why a run says nothing, in a sentence without its dot. */
export class NoRun extends Error {
  override readonly name = 'NoRun'
}

/** @throws NoRun */
export async function runWorkload(
  session: Session,
  { words: [verb, ...words] }: Pick<Workload, 'words'>,
  milliseconds: number,
  filling: Filling,
): Promise<Run> {
  const answer = await session.ask(
    verb,
    [String(milliseconds), ...words.map((word) => filled(word, filling))],
    {
      timeoutMs: milliseconds + PATIENCE_MS,
    },
  )
  const run = readRun(answer)
  /* It goes on until its time is over: whoever says less has not run, and would be too quick for any scale. */
  if (run.nanoseconds < milliseconds * 1e6)
    throw new NoRun(`it says to have run for ${run.nanoseconds} ns, and was asked for ${milliseconds} ms`)
  return run
}

function filled(word: string, { folder, server }: Filling): string {
  if (word === '{}') return folder
  if (word !== '{address}' && word !== '{port}') return word
  if (server === undefined) throw new NoRun('it has no network')
  return word === '{address}' ? server.address : String(server.port)
}

/** @throws NoRun */
export function readRun({ text, end }: Answer): Run {
  const found = /^batches (\d{1,10}) ns (\d{1,15}) check (\d{1,19})\n$/.exec(text)
  const [, batches = '', nanoseconds = '', check = ''] = found ?? []
  if (end === 0 && found !== null && Number(batches) > 0 && Number(nanoseconds) > 0)
    return { batches: Number(batches), nanoseconds: Number(nanoseconds), check }
  if (end === 'timeout') throw new NoRun(`it did not end within ${PATIENCE_MS / 1000} s`)
  if (end === 'lost') throw new NoRun('its box has ended')
  const words = /^errno \d+ (.+)$/m.exec(text)?.[1] ?? text.trim().split('\n').at(-1)
  throw new NoRun(
    words ? `it failed: ${words.slice(0, MOST_WORDS)}` : `it ended with ${end} and said nothing`,
  )
}

/** Nanoseconds in one unit of time. */
const NANOSECONDS: Readonly<Partial<Record<Unit, number>>> = { ns: 1, us: 1e3, ms: 1e6 }

/** A run as a figure in the workload's unit. */
export function inUnit(
  { unit, perBatch }: Pick<Workload, 'unit' | 'perBatch'>,
  { batches, nanoseconds }: Run,
): number {
  const each = nanoseconds / (batches * perBatch)
  const unitNs = NANOSECONDS[unit]
  if (unitNs !== undefined) return each / unitNs
  return unit === 'MB/s' ? 1e3 / each : 1e9 / each
}
