import { type ChildProcess, spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { median, type Row } from '../statistics.ts'
import type { Bench, Side } from './boot.ts'
import { PROOF } from './cases.ts'
import { Hand } from './hand.ts'

const WAIT = ['/usr/bin/glovebox-workload', 'wait']
const MOST = 2
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** Waits until the workload says that it runs. */
async function running(output: NodeJS.ReadableStream): Promise<void> {
  for await (const line of createInterface({ input: output })) if (line.startsWith(PROOF)) return
  throw new Error('It ended before it ran.')
}

/** Killed with its namespaces, and so unmounted; it is over when the last process has closed its output. */
async function killedByHand(argv: readonly string[]): Promise<number> {
  const child: ChildProcess = spawn(argv[0] as string, argv.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] })
  if (child.stdout === null) throw new Error('There is no output.')
  await running(child.stdout)
  child.stdout.resume()
  const start = nowMs()
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
  return nowMs() - start
}

async function disposed({ glovebox }: Bench, { engine }: Side, image: string): Promise<number> {
  const { box, main } = await glovebox.boxes.start({ engine, image, command: WAIT })
  main.stdin.end()
  await running(main.stdout)
  main.stdout.resume()
  main.stderr.resume()
  const start = nowMs()
  await box[Symbol.asyncDispose]()
  const took = nowMs() - start
  if (box.processes().length > 0 || glovebox.boxes.list().some(({ id }) => id === box.id))
    throw new Error('A box was left behind.')
  return took
}

const SIZES = { small: 2 ** 20, large: 2 ** 30 } as const

/** An image with one file of random bytes more: nothing of it is a hole. */
async function sizedImage(
  { glovebox, programs, folder }: Bench,
  name: string,
  bytes: number,
): Promise<string> {
  const recipe = join(folder, name)
  mkdirSync(recipe, { mode: 0o755 })
  const block = randomFillSync(Buffer.alloc(2 ** 20))
  for (let at = 0; at < bytes; at += block.length) writeFileSync(join(recipe, 'bytes'), block, { flag: 'a' })
  const image = `bench-${name}`
  const text = `name: ${image}\nbase:\n  recipe: ${programs.image}\nfiles:\n  - path: /bytes\n    source: bytes\n    mode: 0644\n`
  writeFileSync(join(recipe, 'recipe.yaml'), text)
  await glovebox.images.build(join(recipe, 'recipe.yaml'))
  return image
}

/** From the word to dispose of a running box until nothing of it is left, against a kill and the end of the mounts. */
export async function disposalRows(bench: Bench, side: Side): Promise<Row[]> {
  const small = await sizedImage(bench, 'small', SIZES.small)
  const large = await sizedImage(bench, 'large', SIZES.large)
  const times = { small: [] as number[], large: [] as number[], hand: [] as number[] }
  try {
    const dry = await bench.glovebox.boxes.plan({
      ...{ engine: side.engine, image: small, command: ['true'], terminal: false },
    })
    const folder = join(bench.folder, 'hand')
    mkdirSync(folder)
    const hand = new Hand(dry, bench.programs, folder)
    for (let run = -1; run < bench.runs; run++) {
      const found = {
        hand: await killedByHand(hand.same(['wait'])),
        small: await disposed(bench, side, small),
        large: await disposed(bench, side, large),
      }
      if (run >= 0) for (const name of ['hand', 'small', 'large'] as const) times[name].push(found[name])
    }
  } finally {
    for (const image of [small, large]) await bench.glovebox.images.remove(image)
    await bench.glovebox.gc()
  }
  return rowsOf(side.engine, times)
}

function rowsOf(
  engine: string,
  times: Readonly<Record<'small' | 'large' | 'hand', readonly number[]>>,
): Row[] {
  const [small, large, hand] = [median(times.small), median(times.large), median(times.hand)]
  const pair = (a: number, b: number): string => `${a.toFixed(1)} / ${b.toFixed(1)} ms`
  return [
    {
      name: `${engine}: disposal / kill and unmount`,
      value: small / hand,
      most: MOST,
      detail: pair(small, hand),
    },
    {
      name: `${engine}: disposal with an image of 1 GiB / of 1 MiB`,
      value: large / small,
      most: 1.15,
      detail: pair(large, small),
    },
  ]
}
