import { ENGINES } from '../../src/engine/index.ts'
import type { Box } from '../../src/sdk.ts'
import { median, type Row } from '../statistics.ts'
import type { Bench, Side } from './boot.ts'
import { interleave, type Timed } from './cases.ts'
import { boxed } from './hand.ts'
import { partsOf, pssOf } from './memory.ts'

const CLONES = 4
const DEADLINE_SECONDS = 120

/** A start that goes on from a kept memory, against one that boots; and what the clones of one memory share. */
export async function warmRows(bench: Bench, side: Side): Promise<Row[]> {
  const { engine } = side
  if (ENGINES[engine].cannot.includes('resume')) return []
  const { watch, launcher, programs, runs } = bench
  const start = (...words: string[]): { argv: string[]; deadlineSeconds: number } => {
    const [program = '', verb = '', ...rest] = boxed(launcher, engine, programs.image, ['boot'])
    return { argv: [program, verb, ...words, ...rest], deadlineSeconds: DEADLINE_SECONDS }
  }
  const found = await interleave(
    watch,
    {
      cold: start(),
      warm: start('--warm'),
      small: start('--warm', '--memory', '256M'),
      large: start('--warm', '--memory', '1024M'),
    },
    runs,
  )
  const row = (name: string, a: Timed, b: Timed, most: number): Row => {
    const figures = (of: 'wallMs' | 'cpuMs'): [number, number] => [median(a[of]), median(b[of])]
    const [wall, cpu] = [figures('wallMs'), figures('cpuMs')]
    const words = (pair: [number, number]): string => pair.map((ms) => ms.toFixed(0)).join(' / ')
    const failed = [a, b].map(({ hangs, failures }) => hangs + failures).join(' and ')
    return {
      name: `${engine}: ${name}, CPU`,
      value: cpu[0] / cpu[1],
      most,
      detail: `${words(cpu)} ms; wall ${(wall[0] / wall[1]).toFixed(2)}, ${words(wall)} ms, failed ${failed} of ${runs}`,
    }
  }
  return [
    row('a resumed run / a cold one', found.warm, found.cold, 0.06),
    row('a resumed run with 1024 MiB / with 256', found.large, found.small, 1.25),
    await cloneRow(bench, side),
  ]
}

async function cloneRow({ glovebox, programs }: Bench, { engine }: Side): Promise<Row> {
  await using stack = new AsyncDisposableStack()
  const boxes: Box[] = []
  const bytes = (): number => boxes.reduce((sum, box) => sum + pssOf(partsOf(box).machine), 0)
  let one = 0
  while (boxes.length < CLONES) {
    const box = stack.use(await glovebox.boxes.create({ engine, image: programs.image, warm: true }))
    boxes.push(box)
    /* A box is there before its guest is. */
    const { exitCode } = await (await box.exec(['/usr/bin/glovebox-workload', 'boot'])).result()
    if (exitCode !== 0) throw new Error(`A clone of ${engine} does not work.`)
    if (boxes.length === 1) one = bytes()
  }
  const mib = (of: number): string => (of / 2 ** 20).toFixed(0)
  return {
    name: `${engine}: memory of ${CLONES} clones of a snapshot / of one`,
    value: bytes() / one,
    most: 2,
    detail: `${mib(bytes())} / ${mib(one)} MiB, PSS of their machines`,
  }
}
