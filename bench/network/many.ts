import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readSupervisor } from '../../src/box/state.ts'
import { pssBytes, treeOf } from '../processes.ts'
import { median, type Row } from '../statistics.ts'
import { type BoxSide, endBox, startBox, type World } from './sides.ts'

const BOXES = 50
/** Single starts say little on a shared machine: the median of as many neighbours. */
const AROUND = 5
const MIB = 2 ** 20

interface Next {
  readonly startMs: number
  readonly startCpuMs: number
  readonly addedBytes: number
  /** Of it, what is pasta's. */
  readonly pastaBytes: number
}

/** Processes of the box: supervisor, pasta, gate, jail and the application. */
function boxBytes(box: BoxSide): number {
  const supervisor = readSupervisor(box.dir)?.outer.pid
  if (supervisor === undefined) throw new Error(`The box ${box.box} has no supervisor.`)
  return treeOf(supervisor).reduce((bytes, pid) => bytes + pssBytes(pid), 0)
}

/** Jiffies of idle time are nobody's: the CPU that all boxes at rest use is their own. */
function restingMs(boxes: readonly BoxSide[]): number {
  const pids = boxes.flatMap(({ dir }) => treeOf(readSupervisor(dir)?.outer.pid ?? process.pid))
  return (
    pids.reduce((ns, pid) => ns + Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]), 0) /
    1e6
  )
}

const REST_MS = 5000

/** Fifty boxes with networks at once: what the next one costs, and whether anything stays. */
export async function manyRows(world: World): Promise<Row[]> {
  const { lab } = world
  const boxes: BoxSide[] = []
  const next: Next[] = []
  let [resting, left] = [Number.NaN, Number.NaN]
  try {
    while (boxes.length < BOXES) {
      const box = await startBox(world, 'container')
      boxes.push(box)
      next.push({
        startMs: box.startMs,
        startCpuMs: box.startCpuMs,
        addedBytes: boxBytes(box),
        pastaBytes: pssBytes(box.pasta),
      })
    }
    const before = restingMs(boxes)
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    resting = (restingMs(boxes) - before) / REST_MS / BOXES
  } finally {
    const pids = boxes.flatMap(({ dir }) =>
      treeOf(readSupervisor(dir)?.outer.pid ?? 0).filter((pid) => pid > 0),
    )
    for (const { box } of boxes) await endBox(lab, box)
    left = pids.filter((pid) => isThere(pid)).length
    const folder = dirname(boxes[0]?.dir ?? '/nowhere/x')
    left += readdirSync(folder).filter((name) => boxes.some(({ box }) => box === name)).length
  }
  return rows(next, resting, left)
}

function isThere(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return false // it has ended, which is what is hoped for
  }
}

function rows(next: readonly Next[], resting: number, left: number): Row[] {
  const at = (number: number, of: keyof Next): number => {
    const from = Math.min(Math.max(number - 1 - (AROUND >> 1), 0), next.length - AROUND)
    return median(next.slice(from, from + AROUND).map((one) => one[of]))
  }
  const figures = (of: keyof Next, unit: number, digits: number): string =>
    [1, 10, 25, 50].map((number) => (at(number, of) / unit).toFixed(digits)).join(', ')
  return [
    {
      name: 'start of the 50th box with a network / of the first',
      value: at(50, 'startMs') / at(1, 'startMs'),
      most: 1.25,
      detail: `1st, 10th, 25th, 50th: ${figures('startMs', 1, 0)} ms, each the median of 5 around it`,
    },
    {
      name: 'the same, CPU',
      value: at(50, 'startCpuMs') / at(1, 'startCpuMs'),
      most: 1.25,
      detail: `${figures('startCpuMs', 1, 0)} ms, until the box is there`,
    },
    {
      name: 'memory of the 50th / of the first',
      value: at(50, 'addedBytes') / at(1, 'addedBytes'),
      most: 1.05,
      detail: `${figures('addedBytes', MIB, 1)} MiB, PSS of all its processes; of it pasta ${figures('pastaBytes', MIB, 1)}`,
    },
    { name: 'CPU of a box at rest, %', value: resting * 100, detail: `50 of them, ${REST_MS / 1000} s` },
    { name: 'what 50 boxes leave: processes and folders', value: left, most: 0, detail: 'after stop and rm' },
  ]
}
