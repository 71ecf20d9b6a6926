import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from '../../src/exam/session.ts'
import { figureFrom, runRounds } from '../../src/price/rounds.ts'
import type { Workload } from '../../src/price/workloads.ts'
import { ran, standIn } from './sessions.ts'

const workload = (id: string): Workload => ({
  ...{ id, group: 'kernel', title: id, unit: 'ms', better: 'less', says: id },
  ...{ words: [`price-${id}`], perBatch: 1 },
})
const [CALLS, PIPE] = [workload('calls'), workload('pipe')]
const RUN_MS = 25

type Side = 'bare' | 'box'
type SideRule = (side: Side, verb: string, round: number) => Answer

/** Runs rounds; returns what came of them and who was asked for what, in the order of time. */
async function rounds(count: number, workloads: readonly Workload[], rule: SideRule) {
  const asked: string[] = []
  const done: number[] = []
  const place = (side: Side) => ({
    session: standIn((verb) => {
      asked.push(`${side} ${verb}`)
      return rule(side, verb, done.length)
    }),
    filling: { folder: `/${side}` },
  })
  const values = await runRounds(
    { bare: place('bare'), box: place('box') },
    workloads,
    { rounds: count, runMs: RUN_MS },
    (round) => done.push(round),
  )
  return { asked, done, values }
}

const MS = 1e6

describe('rounds', () => {
  test('the sides take turns, and who is first alternates', async () => {
    const { asked, done } = await rounds(3, [CALLS, PIPE], () => ran())
    assert.deepEqual(asked, [
      ...['bare price-calls', 'box price-calls', 'bare price-pipe', 'box price-pipe'],
      ...['box price-calls', 'bare price-calls', 'box price-pipe', 'bare price-pipe'],
      ...['bare price-calls', 'box price-calls', 'bare price-pipe', 'box price-pipe'],
    ])
    assert.deepEqual(done, [1, 2, 3])
  })

  test('each side has its own values, in the order of time', async () => {
    const { values } = await rounds(3, [CALLS], (side, _verb, round) =>
      ran(7, (side === 'box' ? 400 : 100) * MS + round * 10 * MS, 10),
    )
    assert.deepEqual(values.get('calls'), { box: [40, 41, 42], bare: [10, 11, 12], batchNs: 42 * MS })
  })

  test('a checksum that differs from the bare host’s is other work, whoever was first', async () => {
    for (const wrong of [0, 1]) {
      const { values } = await rounds(3, [CALLS, PIPE], (side, verb, round) =>
        ran(side === 'box' && verb === 'price-calls' && round === wrong ? 8 : 7),
      )
      const { reason, box, bare } = values.get('calls') ?? assert.fail()
      assert.equal(reason, 'it did other work than on the bare host: 8, not 7')
      assert.deepEqual([box.length, bare.length], [wrong, wrong], 'the wrong run has no value on either side')
      assert.equal(values.get('pipe')?.reason, undefined)
    }
  })

  test('a workload that failed is not asked again, and the others go on', async () => {
    const { asked, values } = await rounds(4, [CALLS, PIPE], (side, verb, round) =>
      side === 'box' && verb === 'price-calls' && round === 1
        ? { text: 'errno 38 Function not implemented\n', end: 1 }
        : ran(),
    )
    assert.equal(values.get('calls')?.reason, 'it failed: Function not implemented')
    assert.equal(asked.filter((one) => one === 'box price-calls').length, 2)
    assert.equal(asked.filter((one) => one === 'bare price-calls').length, 1)
    assert.equal(values.get('pipe')?.box.length, 4)
  })

  test('that it failed on the bare host is told', async () => {
    for (const failed of [0, 1]) {
      const { values } = await rounds(2, [CALLS], (side, _verb, round) =>
        side === 'bare' && round === failed ? { text: '', end: 'lost' } : ran(),
      )
      assert.equal(values.get('calls')?.reason, 'on the bare host its box has ended')
    }
  })

  test('what is no failed run ends all of it', async () => {
    const broken = rounds(2, [CALLS], () => {
      throw new Error('a fault of this program')
    })
    await assert.rejects(broken, /a fault of this program/)
  })
})

describe('figureFrom', () => {
  const LESS = { id: 'calls', better: 'less' } as const
  const MORE = { id: 'pipe', better: 'more' } as const

  const NONE: readonly [name: string, values: Parameters<typeof figureFrom>[1], reason: string][] = [
    ['no run', { box: [] }, 'it was not run'],
    ['runs of the bare host alone', { box: [], bare: [1, 2] }, 'it was not run'],
    ['a reason', { box: [1, 2], bare: [1, 2], reason: 'it failed' }, 'it failed'],
    ['a reason and no run', { box: [], reason: 'it failed' }, 'it failed'],
  ]
  for (const [name, values, reason] of NONE)
    test(`${name}: not measured`, () =>
      assert.deepEqual(figureFrom(LESS, values), { metric: 'calls', state: 'not measured', reason }))

  test('a bare host that has no such thing gives no ratio', () => {
    for (const bare of [undefined, []]) {
      const figure = figureFrom(LESS, { box: [5, 5, 5], ...(bare ? { bare } : {}) })
      assert.ok(figure.state === 'measured')
      assert.deepEqual(Object.keys(figure).sort(), ['box', 'metric', 'noisy', 'state'])
      assert.equal(figure.box.median, 5)
    }
  })

  const RATIOS: readonly [metric: typeof LESS | typeof MORE, box: number, bare: number, value: number][] = [
    [LESS, 30, 10, 3],
    [LESS, 10, 20, 0.5],
    [MORE, 10, 30, 3],
    [MORE, 20, 10, 0.5],
  ]
  for (const [metric, box, bare, value] of RATIOS)
    test(`${box} in the box and ${bare} on the bare host of ${metric.id} cost ${value} times`, () => {
      const figure = figureFrom(metric, { box: [box, box], bare: [bare, bare] })
      assert.ok(figure.state === 'measured')
      assert.deepEqual([figure.metric, figure.ratio?.value, figure.noisy], [metric.id, value, false])
    })

  test('noise on either side makes it noisy', () => {
    const [still, wild] = [
      [10, 10, 10, 10],
      [1, 10, 50, 100],
    ]
    for (const [box, bare, noisy] of [
      [still, still, false],
      [wild, still, true],
      [still, wild, true],
    ] as const) {
      const figure = figureFrom(LESS, { box, bare })
      assert.ok(figure.state === 'measured')
      assert.equal(figure.noisy, noisy)
    }
    const alone = figureFrom(LESS, { box: wild })
    assert.ok(alone.state === 'measured' && alone.noisy)
  })
})
