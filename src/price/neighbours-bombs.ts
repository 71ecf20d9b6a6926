import { freeMib } from '../exam/catalogue/exhaustion/gauge.ts'
import type { Stress } from './result-types.ts'

/** A bomb of guest/price/stress.c, and how what it did is told. */
export interface Bomb {
  readonly stress: Stress
  readonly workers: number
  /** Of all workers together: what `holds` names; their number where that is nothing. */
  readonly amount: number
  /** What it has done, of a count: `round of arithmetic`. */
  readonly unit: string
  readonly holds?: 'MiB' | 'processes'
  /** For people, what it takes at the most. */
  readonly says: string
}

/** Milliseconds after which a bomb ends by itself. */
export const BOMB_MS = 60_000

const of = (
  stress: Stress,
  workers: number,
  amount: number,
  unit: string,
  says: string,
  holds?: 'MiB' | 'processes',
): Bomb => ({ stress, workers, amount, unit, says, ...(holds === undefined ? {} : { holds }) })

export const BOMBS: readonly Bomb[] = [
  of('memory', 1, 512, 'MiB', 'memory: a process that takes up to 512 MiB and writes to all of it', 'MiB'),
  of('fork', 4, 480, 'processes', 'fork: at most 480 processes at once, new ones on and on', 'processes'),
  of('cpu', 8, 8, 'million steps of arithmetic', 'cpu: 8 busy processes'),
  of(
    ...(['disk', 4, 128, 'MiB'] as const),
    'disk: 4 processes that write and read files of 128 MiB together, and wait for the disk (a box whose writes stay in memory writes there)',
    'MiB',
  ),
  of(
    ...(['transmit', 4, 4, 'datagrams'] as const),
    'transmit: 4 processes that send datagrams of 60,000 bytes over the loopback of their box, where nobody reads them',
  ),
  of('receive', 8, 8, 'datagrams', 'receive: 4 processes that read such datagrams, and 4 that send them'),
]

/** In sentences, for before and behind the figures. */
export const BOMB_BOUNDS: readonly string[] = [
  ...BOMBS.map(({ says }) => says),
  `Each bomb ends by itself after ${BOMB_MS / 1000} s.`,
]

export function bombWords(bomb: Bomb, folders: readonly string[]): string[] {
  return [bomb.stress, String(bomb.workers), String(bomb.amount), String(BOMB_MS), ...folders]
}

/** Why it must not be set off on this machine now. */
export function bombLacks({ stress, amount }: Bomb): string | undefined {
  const most = amount * 3
  return stress === 'memory' && freeMib() < most
    ? `less than ${most} MiB of memory are free: it would hurt`
    : undefined
}

/** What a bomb did; of several runs together. */
export interface BombWork {
  readonly did: number
  readonly most: number
  /** Workers that the kernel has killed. */
  readonly killed: number
  /** Its time was up. */
  readonly over: boolean
}

/** Of what the guest wrote, numbers only; undefined where it did not say. */
export function readWork(text: string): BombWork | undefined {
  const [, did, most, killed, over] =
    /^did (\d{1,15}) \w+ most (\d{1,15}) killed (\d{1,15}) over ([01])$/m.exec(text) ?? []
  if (did === undefined) return undefined
  return { did: Number(did), most: Number(most), killed: Number(killed), over: over === '1' }
}

/** `4,668 MiB, 256 at once, in 2 runs; the kernel killed it 3 times`. */
export function workInWords(bomb: Bomb, runs: readonly BombWork[], died: boolean): string {
  const sum = (of: (work: BombWork) => number) => runs.reduce((all, work) => all + of(work), 0)
  const count = (value: number) => value.toLocaleString('en')
  const most = Math.max(0, ...runs.map((work) => work.most))
  const killed = sum((work) => work.killed)
  const parts = [`${count(sum((work) => work.did))} ${bomb.unit}`]
  if (bomb.holds !== undefined) parts.push(`${count(most)} at once`)
  if (runs.length > 1) parts.push(`in ${runs.length} runs`)
  const ends = [
    ...(killed === 0 ? [] : [`the kernel killed it ${killed === 1 ? 'once' : `${count(killed)} times`}`]),
    ...(died ? ['its box ended'] : []),
  ]
  const did = runs.some((work) => work.did > 0) ? parts.join(', ') : 'it began'
  return [did, ...ends].join('; ')
}
