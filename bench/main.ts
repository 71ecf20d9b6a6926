import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Glovebox } from '../src/sdk.ts'
import { buildRows } from './build.ts'
import { compile } from './compile.ts'
import { density } from './density.ts'
import { examLines } from './exam.ts'
import { goOnElsewhere, machineFacts, noiseWarning } from './machine.ts'
import { machineRows } from './machines/index.ts'
import { networkRows } from './network/index.ts'
import { oneShot } from './one-shot.ts'
import { priceRows } from './price.ts'
import { resolverRows } from './resolver.ts'
import { formatRow, HEADING } from './statistics.ts'
import { warm } from './warm.ts'

/* Ratios measured side by side in one run: `npm run bench [-- --runs N] [--build] [--user NAME]`; those of virtual machines
 * with `--machines [--parts boot,steady,memory,disposal,warm,count] [--engines NAME,…] [--boots N]`, and of a box's network with
 * `--network [--parts throughput,latency,connections,start,many,resolver] [--engines NAME,…]`; the seconds of the exam with `--exam [--parts 0,1,2,3]`; what
 * the price itself costs with `--price [--parts disturbance,all]`. Exit code 0 whatever they are: a machine's mood is no test. */
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const list = (name: string): string[] | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]?.split(',')
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

async function benchMachines(runs: number, folder: string): Promise<void> {
  const glovebox = new Glovebox()
  chmodSync(folder, 0o755)
  print(machineFacts())
  print(`${runs} interleaved runs each, medians\n`)
  print(HEADING)
  const [parts, engines] = [list('--parts'), list('--engines')]
  const asked = { ...(parts ? { parts } : {}), ...(engines ? { engines } : {}) }
  for await (const row of machineRows(glovebox, folder, { runs, boots: option('--boots', 100), ...asked }))
    print(formatRow(row))
}

async function benchNetwork(runs: number, folder: string): Promise<void> {
  const glovebox = new Glovebox()
  chmodSync(folder, 0o755)
  print(machineFacts())
  print(`${runs} interleaved runs each, medians\n`)
  print(HEADING)
  const [parts, engines] = [list('--parts'), list('--engines')]
  const asked = { ...(parts ? { parts } : {}), ...(engines ? { engines } : {}) }
  for await (const row of networkRows(glovebox, folder, { runs, ...asked })) print(formatRow(row))
}

async function benchExam(): Promise<void> {
  print(machineFacts())
  for await (const line of examLines(list('--parts'))) print(line)
}

async function benchPrice(parts: readonly string[] | undefined): Promise<void> {
  print(machineFacts())
  print(HEADING)
  for await (const row of priceRows(parts)) print(formatRow(row))
}

async function bench(runs: number, folder: string): Promise<void> {
  const measure = compile(join(import.meta.dirname, 'measure.c'), join(folder, 'measure'))
  const glovebox = new Glovebox()
  await glovebox.images.build('base', { offline: false })
  print(machineFacts())
  print(`${runs} interleaved runs each, medians\n`)
  print(HEADING)
  for (const row of await oneShot(glovebox, measure, place(folder, 'one-shot'), runs)) print(formatRow(row))
  for (const row of await warm(glovebox, place(folder, 'warm'), runs)) print(formatRow(row))
  for (const row of await density(glovebox)) print(formatRow(row))
  for (const row of await resolverRows(join(folder, 'resolver'))) print(formatRow(row))
  for await (const row of priceRows(['disturbance'])) print(formatRow(row))
  if (process.argv.includes('--build'))
    for (const row of await buildRows(glovebox, folder)) print(formatRow(row))
}

const at = process.argv.indexOf('--user')
const elsewhere = goOnElsewhere(
  at < 0 ? undefined : process.argv[at + 1],
  !['--machines', '--network', '--exam', '--price'].some((name) => process.argv.includes(name)),
)
if (elsewhere !== undefined) process.exitCode = elsewhere
else {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-bench-'))
  try {
    const before = noiseWarning()
    if (process.argv.includes('--machines')) await benchMachines(option('--runs', 15), folder)
    else if (process.argv.includes('--network')) await benchNetwork(option('--runs', 15), folder)
    else if (process.argv.includes('--exam')) await benchExam()
    else if (process.argv.includes('--price')) await benchPrice(list('--parts'))
    else await bench(option('--runs', 21), folder)
    for (const warning of [before, noiseWarning()]) if (warning !== undefined) print(`\n${warning}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
