import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyWarnings, othersBusy, parseTicks, readTicks, type Ticks } from '../../src/price/load.ts'

const TICKS: readonly [name: string, stat: string, expected: Ticks][] = [
  [
    'of a machine below which there is another',
    'cpu  10 20 30 400 50 6 7 80 9 1\ncpu0 1 2 3 4 5 6 7 8 9 1\nintr 5\n',
    { all: 603, idle: 450, stolen: 80 }, // time of guests is in that of users already (proc(5))
  ],
  ['of an old kernel, which has fewer fields', 'cpu 1 2 3 4\n', { all: 10, idle: 4, stolen: 0 }],
  ['of one processor alone', 'cpu  0 0 0 7 0 0 0 0 0 0', { all: 7, idle: 7, stolen: 0 }],
  ['of nothing', '', { all: 0, idle: 0, stolen: 0 }],
]
for (const [name, stat, expected] of TICKS)
  test(`ticks ${name} are read`, () => assert.deepEqual(parseTicks(stat), expected))

test('this machine has ticks, which only go forward', () => {
  const before = readTicks()
  assert.ok(before.all > 0 && before.idle <= before.all)
  assert.ok(readTicks().all >= before.all)
})

test('others keep no more processors busy than there are', async () => {
  const busy = await othersBusy()
  assert.ok(busy >= 0 && Number.isFinite(busy), String(busy))
})

const at = (all: number, stolen: number): Ticks => ({ all, idle: 0, stolen })
const START = at(1000, 10)
const WARNINGS: readonly [name: string, others: readonly number[], after: Ticks, why: readonly RegExp[]][] = [
  ['an idle machine', [0, 0], at(2000, 10), []],
  ['others at the bound', [0.25, 0.1], at(2000, 10), []],
  ['others above it before', [0.26, 0], at(2000, 10), [/^Other programs kept 0\.3 processors busy/]],
  ['others above it behind', [0, 3.04], at(2000, 10), [/^Other programs kept 3\.0 processors busy/]],
  ['stolen time at the bound', [0], at(2000, 30), []],
  ['stolen time above it', [0], at(2000, 60), [/took 5 % of its time/]],
  ['both', [1], at(2000, 510), [/kept 1\.0 processors/, /took 50 %/]],
  ['no time at all', [0, 0], START, []],
]
for (const [name, others, after, why] of WARNINGS)
  test(`${name}: ${why.length === 0 ? 'no warning' : 'a warning'}`, () => {
    const said = busyWarnings(others, START, after)
    assert.equal(said.length, why.length, said.join('\n'))
    for (const [one, words] of why.entries()) assert.match(said[one] ?? '', words)
  })
