import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Glovebox } from '../src/sdk.ts'
import { buildRows } from './build.ts'
import { density } from './density.ts'
import { goOnElsewhere, machineFacts } from './machine.ts'
import { oneShot } from './one-shot.ts'
import { formatRow, HEADING } from './statistics.ts'
import { warm } from './warm.ts'

/* Ratios measured side by side in one run: `npm run bench [-- --runs N] [--build] [--user NAME]`. Exit code 0 whatever
 * they are: a machine's mood is no test. */
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** A folder that the subordinate ids can enter. */
function place(folder: string, name: string): string {
  chmodSync(folder, 0o755)
  const path = join(folder, name)
  mkdirSync(path, { mode: 0o755 })
  return path
}

async function bench(runs: number, folder: string): Promise<void> {
  const measure = join(folder, 'measure')
  const built = spawnSync('cc', ['-O2', '-o', measure, join(import.meta.dirname, 'measure.c')], {
    stdio: 'inherit',
  })
  if (built.status !== 0) throw new Error('The C compiler could not build bench/measure.c: is gcc installed?')
  const glovebox = new Glovebox()
  await glovebox.images.build('base', { offline: false })
  print(machineFacts())
  print(`${runs} interleaved runs each, medians\n`)
  print(HEADING)
  for (const row of await oneShot(glovebox, measure, place(folder, 'one-shot'), runs)) print(formatRow(row))
  for (const row of await warm(glovebox, place(folder, 'warm'), runs)) print(formatRow(row))
  for (const row of await density(glovebox)) print(formatRow(row))
  if (process.argv.includes('--build'))
    for (const row of await buildRows(glovebox, folder)) print(formatRow(row))
}

const at = process.argv.indexOf('--user')
const elsewhere = goOnElsewhere(at < 0 ? undefined : process.argv[at + 1])
if (elsewhere !== undefined) process.exitCode = elsewhere
else {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-bench-'))
  try {
    await bench(option('--runs', 21), folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
