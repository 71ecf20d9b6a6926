import { median, type Row } from '../statistics.ts'
import type { Mark, Run } from '../watch.ts'
import type { Bench, Side } from './boot.ts'
import { lastWords, worked } from './cases.ts'
import { boxed } from './hand.ts'

/** Operations of each row, some 0.3 s of work on the development machine: a line's delay is a small part of it. */
const OPERATIONS: Readonly<Record<'uml' | 'qemu', Readonly<Record<string, number>>>> = {
  uml: {
    ...{ loop: 200_000, getpid: 30_000, 'open+close': 12_000, stat: 30_000 },
    ...{ faults: 150, 'fork+exec': 80, pipe: 6000, tcp: 4000 },
  },
  qemu: {
    ...{ loop: 150_000, getpid: 250_000, 'open+close': 14_000, stat: 25_000 },
    ...{ faults: 300, 'fork+exec': 80, pipe: 400, tcp: 400 },
  },
}
/** A whole box with its rows takes 7 s. */
const DEADLINE_SECONDS = 120
const MOST = 1.05

/** What every row took in a run, and what it proved; empty for a run that failed. */
export function rowsOf(run: Run): Map<string, Mark & { readonly proof: string }> {
  const found = new Map<string, Mark & { readonly proof: string }>()
  let begin: Mark | undefined
  for (const line of worked(run) ? run.lines : []) {
    const [kind, name = '', operations, proof = ''] = line.text.split(' ')
    if (kind !== 'row') continue
    if (operations === 'begin') begin = line
    else if (begin !== undefined)
      found.set(name, {
        wallMs: line.wallMs - begin.wallMs,
        cpuMs: line.cpuMs - begin.cpuMs,
        proof: `${operations} ${proof}`,
      })
  }
  return found
}

/** What programs inside a box cost, against the same monitor with the same words that was started by hand. */
export async function steadyRows(
  { watch, programs, launcher, runs }: Bench,
  { engine, hand }: Side,
): Promise<Row[]> {
  const operations = OPERATIONS[engine === 'uml' ? 'uml' : 'qemu']
  const words = ['steady', ...Object.entries(operations).map(([name, count]) => `${name}=${count}`)]
  const ours: ReturnType<typeof rowsOf>[] = []
  const theirs: typeof ours = []
  let failed = 0
  for (let run = 0; run < runs; run++)
    for (const [argv, found] of [
      [hand.same(words), theirs],
      [boxed(launcher, engine, programs.image, words), ours],
    ] as const) {
      const done = await watch.run(argv, DEADLINE_SECONDS)
      if (run === 0 && !worked(done)) throw new Error(`Nothing to measure in ${engine}: ${lastWords(done)}`)
      if (worked(done)) found.push(rowsOf(done))
      else failed++
    }
  return Object.entries(operations).map(([name, count]) =>
    steadyRow(
      `${engine}: ${name}`,
      count,
      [ours, theirs].map((side) => side.map((rows) => rows.get(name))),
      failed,
    ),
  )
}

type Measured = (Mark & { readonly proof: string }) | undefined

function steadyRow(
  name: string,
  count: number,
  sides: readonly (readonly Measured[])[],
  failed: number,
): Row {
  const proofs = new Set(sides.flat().map((row) => row?.proof))
  if (proofs.size !== 1 || proofs.has(undefined))
    throw new Error(`${name}: the work was not done: ${[...proofs]}`)
  const of = (key: 'wallMs' | 'cpuMs'): [number, number] =>
    sides.map((side) => (median(side.map((row) => row?.[key] ?? Number.NaN)) * 1000) / count) as [
      number,
      number,
    ]
  const [wall, cpu] = [of('wallMs'), of('cpuMs')]
  const figures = (pair: [number, number]): string => pair.map((us) => us.toPrecision(3)).join(' / ')
  return {
    name: `${name}, CPU / by hand`,
    value: cpu[0] / cpu[1],
    most: MOST,
    detail: `${figures(cpu)} us; wall ${(wall[0] / wall[1]).toFixed(2)}, ${figures(wall)} us; failed ${failed}`,
  }
}
