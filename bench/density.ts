import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { currentPaths } from '../src/host/paths.ts'
import type { Box, Glovebox } from '../src/sdk.ts'
import { median, type Row } from './statistics.ts'

const BOXES = 10
const ROUNDS = 7

/** Bytes on disk below the user's folders, trees of subordinate ids left out: they are shared and do not change. */
function diskBytes(): number {
  const { data, state, runtime } = currentPaths()
  const { stdout } = spawnSync('du', ['-s', '-c', '-B1', '--exclude=trees', data, state, runtime], {
    encoding: 'utf8',
  })
  return Number(stdout.trim().split('\n').at(-1)?.split('\t')[0])
}

/** Resident memory of the two processes that Glovebox adds to a box, shared pages counted in part (PSS). */
function addedBytes(box: Box): number {
  const pids = box.processes()
  return pids.reduce(
    (sum, pid) =>
      sum +
      Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024,
    0,
  )
}

interface Round {
  readonly starts: readonly number[]
  readonly grownBytes: number
  readonly addedBytes: number
}

/** Ten boxes, one after the other, that run until all are started. */
async function round(glovebox: Glovebox): Promise<Round> {
  await using stack = new AsyncDisposableStack()
  const starts: number[] = []
  let [before, added] = [0, 0]
  for (let number = 0; number < BOXES; number++) {
    if (number === BOXES - 1) before = diskBytes()
    const start = process.hrtime.bigint()
    const box = stack.use(await glovebox.boxes.create({ image: 'base' }))
    starts.push(Number(process.hrtime.bigint() - start) / 1e6)
    added = addedBytes(box)
  }
  return { starts, grownBytes: diskBytes() - before, addedBytes: added }
}

/** Ten boxes of one image, several times: what the tenth costs. */
export async function density(glovebox: Glovebox): Promise<Row[]> {
  const rounds: Round[] = []
  for (let number = 0; number < ROUNDS; number++) rounds.push(await round(glovebox))
  const startOf = (number: number): number =>
    median(rounds.map(({ starts }) => starts.at(number) ?? Number.NaN))
  const [first, last] = [startOf(0), startOf(-1)]
  return [
    {
      name: 'disk that the tenth box adds, MiB',
      value: median(rounds.map(({ grownBytes }) => grownBytes)) / 2 ** 20,
      most: 1,
      detail: 'of one image',
    },
    {
      name: 'start of the tenth box / of the first',
      value: last / first,
      most: 1,
      detail: `${last.toFixed(1)} / ${first.toFixed(1)} ms, ${ROUNDS} rounds`,
    },
    {
      name: 'memory that Glovebox adds to a box, MiB',
      value: median(rounds.map(({ addedBytes }) => addedBytes)) / 2 ** 20,
      most: 10,
      detail: 'supervisor and holder, PSS',
    },
  ]
}
