import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PACKAGE_ROOT, run } from '../guest/program.ts'
import { openWorld, type World } from './world.ts'

/* The log of flows in two files, its copy, and what is beyond the rate of what is told. */

let world: World
let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-flow-bounds-'))
  world = await openWorld()
  await world.call.nft(
    'add counter inet glovebox unlogged; ' +
      'add chain inet glovebox flows { type filter hook output priority 0; }; ' +
      'add rule inet glovebox flows ct state established accept; ' +
      'add rule inet glovebox flows udp dport 9999 limit rate 1/second burst 10 packets log prefix "refused " group 7 drop; ' +
      'add rule inet glovebox flows udp dport 9999 counter name unlogged drop',
  )
})
after(async () => {
  await world?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

type Line = Readonly<Record<string, unknown>>
const linesOf = (path: string): Line[] => {
  const text = readFileSync(path, 'utf8')
  assert.ok(text.endsWith('\n'), `${path} ends within a line`)
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}
const pathsOf = (name: string): [string, string] => [join(folder, name), join(folder, `${name}.1`)]
const ports = (count: number, first = 20_000): number[] => Array.from({ length: count }, (_, i) => first + i)

const HALF = 50_000

test('the log keeps its bound, no line is torn, and it says how many are gone', async () => {
  const halves = pathsOf('bounded')
  const words = ['--log-bytes', String(2 * HALF), '--receive-bytes', '8000000']
  await world.call.startFlowsInto({ halves, copy: join(folder, 'whole') }, words)
  for (const first of [20_000, 21_000, 22_000])
    assert.equal(await world.call.datagrams(ports(1000, first)), 1000)
  assert.equal(await world.call.stop('SIGTERM'), 0)
  for (const path of halves) assert.ok(statSync(path).size <= HALF, `${path}: ${statSync(path).size}`)
  const [older, newer] = halves
    .map(linesOf)
    .sort((a, b) => Number(a[0]?.['number']) - Number(b[0]?.['number']))
  assert.ok(older !== undefined && newer !== undefined)
  assert.equal(Number(newer[0]?.['number']), Number(older[0]?.['number']) + 1)
  const kept = [...older.slice(1), ...newer.slice(1)]
  const whole = linesOf(join(folder, 'whole'))
  assert.deepEqual(kept, whole.slice(-kept.length))
  assert.equal(Number(newer[0]?.['gone']) + kept.length, whole.length)
  assert.ok(Number(newer[0]?.['gone']) > 3000)
})

test('the next run goes on where the last one ended, also when that was killed within a line', async () => {
  const halves = pathsOf('continued')
  await world.call.startFlowsInto({ halves }, [])
  await world.call.datagrams([7])
  assert.equal(await world.call.stop('SIGTERM'), 0)
  const before = linesOf(halves[0])
  writeFileSync(halves[0], '{"at":1,"flow":"sta', { flag: 'a' })
  await world.call.startFlowsInto({ halves }, [])
  assert.equal(await world.call.stop('SIGTERM'), 0)
  const now = linesOf(halves[0])
  assert.deepEqual(now.slice(0, before.length), before)
  assert.ok(now.length > before.length)
})

test('the copy says when it is full, and gets no more', async () => {
  const copy = join(folder, 'full')
  await world.call.startFlowsInto({ halves: pathsOf('small'), copy }, ['--copy-bytes', '20000'])
  await world.call.datagrams(ports(200))
  assert.equal(await world.call.stop('SIGTERM'), 0)
  assert.ok(statSync(copy).size <= 20_000)
  const lines = linesOf(copy)
  assert.equal(lines.at(-1)?.['event'], 'full')
})

test('what is refused beyond the rate is counted: with what is told it is all', async () => {
  const halves = pathsOf('flood')
  await world.call.startFlowsInto({ halves }, [])
  assert.equal(await world.call.datagrams(Array.from({ length: 500 }, () => 9999)), 0)
  assert.equal(await world.call.stop('SIGTERM'), 0)
  const lines = linesOf(halves[0])
  const told = lines.filter((line) => line['flow'] === 'refused').length
  const counted = lines
    .filter((line) => line['event'] === 'lost')
    .reduce((sum, line) => sum + Number(line['refused'] ?? 0), 0)
  assert.ok(told >= 10 && counted > 0)
  assert.equal(told + counted, 500)
})

test('two thousand flows are all told, by hundreds at once', async () => {
  const halves = pathsOf('rate')
  await world.call.startFlowsInto({ halves }, [])
  const told = (): number => readFileSync(halves[0], 'utf8').split('"flow":"start"').length - 1
  for (let sent = 0; sent < 2000; sent += 100) {
    assert.equal(await world.call.datagrams(ports(100, 30_000 + sent)), 100)
    while (told() < sent + 100) await new Promise(setImmediate)
  }
  assert.equal(await world.call.stop('SIGTERM'), 0)
  assert.deepEqual(
    linesOf(halves[0]).filter((line) => line['event'] === 'lost' && line['refused'] === undefined),
    [],
  )
})

test('two thousand flows that end at once are all told of, though the socket has room for few', async () => {
  const halves = pathsOf('ends')
  const flush = join(folder, 'flush')
  const source = join(PACKAGE_ROOT, 'test/network/flush_conntrack.c')
  const built = await run(['gcc', '-Wall', '-Wextra', '-Werror', source, '-o', flush])
  assert.deepEqual([built.code, built.stderr], [0, ''])
  await world.call.run(flush)
  await world.call.startFlowsInto({ halves }, ['--receive-bytes', '32768'])
  const count = (kind: string): number => readFileSync(halves[0], 'utf8').split(`"flow":"${kind}"`).length - 1
  for (let sent = 0; sent < 2000; sent += 20) {
    assert.equal(await world.call.datagrams(ports(20, 40_000 + sent)), 20)
    while (count('start') < sent + 20) await new Promise(setImmediate)
  }
  await world.call.run(flush)
  while (count('end') < 2000) await new Promise(setImmediate)
  assert.equal(await world.call.stop('SIGTERM'), 0)
  const lines = linesOf(halves[0])
  assert.ok(
    lines.some((line) => line['event'] === 'late'),
    'the control: they did not all find room',
  )
  assert.deepEqual(
    lines.filter((line) => line['event'] === 'lost' && line['refused'] === undefined),
    [],
  )
})
