import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { currentPaths } from '../src/host/paths.ts'
import type { Box, Glovebox } from '../src/sdk.ts'
import type { Row } from './statistics.ts'

const BOXES = 10

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

/** Ten boxes of one image: what the tenth costs. */
export async function density(glovebox: Glovebox): Promise<Row[]> {
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
  const grown = (diskBytes() - before) / 2 ** 20
  const [first = 0, last = 0] = [starts[0], starts.at(-1)]
  return [
    { name: 'disk that the tenth box adds, MiB', value: grown, most: 1, detail: 'the same image' },
    {
      name: 'start of the tenth box, to the first',
      value: last / first,
      most: 1,
      detail: `${last.toFixed(1)} against ${first.toFixed(1)} ms`,
    },
    {
      name: 'memory that Glovebox adds to a running box, MiB',
      value: added / 2 ** 20,
      most: 10,
      detail: 'supervisor and holder, PSS',
    },
  ]
}
