import { spawnSync } from 'node:child_process'
import { IN_JAIL } from '../../src/engine/machine.ts'
import type { Box } from '../../src/sdk.ts'
import { pssBytes, seesFile, treeOf, wordsOf } from '../processes.ts'
import { median, type Row } from '../statistics.ts'
import type { Bench, Side } from './boot.ts'

const BOXES = 4
const READ_ALL = ['find', '/', '-xdev', '-type', 'f', '-exec', 'cat', '{}', '+']

interface Parts {
  /** What Glovebox adds: supervisor, holder and the monitor in the jail. */
  readonly added: readonly number[]
  /** The virtual machine monitor and its processes. */
  readonly machine: readonly number[]
}

/** @throws Error for a box that has not one monitor */
export function partsOf(box: Box): Parts {
  const [supervisor = Number.NaN, holder = Number.NaN] = box.processes()
  const below = treeOf(holder).filter((pid) => pid !== holder)
  const monitor = below.filter((pid) => wordsOf(pid)[1] === 'monitor')
  if (monitor.length !== 1) throw new Error(`A box has ${monitor.length} monitors.`)
  return { added: [supervisor, holder, ...monitor], machine: below.filter((pid) => !monitor.includes(pid)) }
}

export const pssOf = (pids: readonly number[]): number =>
  pids.reduce((bytes, pid) => bytes + pssBytes(pid), 0)

/** Pages of a file that are in memory (fincore(1)). */
function cachedBytes(path: string): number {
  const { stdout } = spawnSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path], {
    encoding: 'utf8',
  })
  return Number(stdout)
}

/** By dd(1): posix_fadvise(2) with POSIX_FADV_DONTNEED. */
function dropCached(path: string): void {
  spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
}

async function readAll(box: Box): Promise<void> {
  const found = await box.exec(READ_ALL)
  found.stdin.end()
  found.stdout.resume()
  found.stderr.resume()
  await found.exitCode /* files of root's cannot be read, and are of no weight here */
}

/** Boxes of one image side by side: what each adds, and what they share. */
export async function memoryRows({ glovebox, programs }: Bench, { engine, dry }: Side): Promise<Row[]> {
  await using stack = new AsyncDisposableStack()
  const disk = dry.plan.machine?.imageDisk ?? ''
  const boxes: Box[] = []
  const start = async (): Promise<void> => {
    const box = stack.use(await glovebox.boxes.create({ engine, image: programs.image }))
    boxes.push(box)
    await readAll(box)
  }
  dropCached(disk)
  await start()
  const one = cachedBytes(disk)
  if (one < 2 ** 25) throw new Error(`A box of ${engine} read only ${one} bytes of its image.`)
  while (boxes.length < BOXES) await start()
  const parts = boxes.map(partsOf)
  if (!parts.every(({ machine }) => machine.some((pid) => seesFile(pid, IN_JAIL.imageDisk, disk))))
    throw new Error(`A box of ${engine} does not read the disk that the boxes share.`)
  const mib = (bytes: number): number => bytes / 2 ** 20
  const all = cachedBytes(disk)
  return [
    {
      name: `${engine}: memory that Glovebox adds to a box, MiB`,
      value: mib(median(parts.map(({ added }) => pssOf(added)))),
      most: 10,
      detail: `supervisor, holder and monitor, PSS, ${BOXES} boxes`,
    },
    {
      name: `${engine}: page cache of the disk of ${BOXES} boxes / of one`,
      value: all / one,
      most: 1.05,
      detail: `${mib(all).toFixed(0)} / ${mib(one).toFixed(0)} MiB, all have read all files`,
    },
    {
      name: `${engine}: memory of the machine of a box, MiB`,
      value: mib(median(parts.map(({ machine }) => pssOf(machine)))),
      detail: 'PSS, when it has read the whole image',
    },
  ]
}
