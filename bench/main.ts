import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Glovebox } from '../src/sdk.ts'
import { buildRows } from './build.ts'
import { density } from './density.ts'
import { oneShot } from './one-shot.ts'
import { formatRow } from './statistics.ts'
import { warm } from './warm.ts'

/* Ratios measured side by side in one run: `npm run bench [-- --runs N] [--build]`. Exit code 0 whatever they are: a
 * machine's mood is no test. */
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const runs = option('--runs', 21)
const folder = mkdtempSync(join(tmpdir(), 'glovebox-bench-'))
const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

try {
  const measure = join(folder, 'measure')
  const built = spawnSync('cc', ['-O2', '-o', measure, join(import.meta.dirname, 'measure.c')], {
    stdio: 'inherit',
  })
  if (built.status !== 0) throw new Error('The C compiler could not build bench/measure.c: is gcc installed?')
  const glovebox = new Glovebox()
  await glovebox.images.build('base', { offline: false })
  print(`${runs} interleaved runs each; medians; uid ${process.getuid?.()}`)
  for (const row of await oneShot(glovebox, measure, folder, runs)) print(formatRow(row))
  for (const row of await warm(glovebox, folder, runs)) print(formatRow(row))
  for (const row of await density(glovebox)) print(formatRow(row))
  if (process.argv.includes('--build'))
    for (const row of await buildRows(glovebox, folder)) print(formatRow(row))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
