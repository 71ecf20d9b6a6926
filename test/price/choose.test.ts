import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../src/exam/result-types.ts'
import type { Bound } from '../../src/price/choice-types.ts'
import { holdingOf } from '../../src/price/holds.ts'
import { CALLS, measured, notMeasured, PIPE, sampleOf, side } from '../report/prices.ts'
import {
  candidate,
  chooseFor,
  EVERY_SIDE,
  HELD,
  knownOf,
  of,
  priceOf,
  START,
  sideOf,
  subjectOf,
} from './fixtures.ts'

const BREACH = of('kernel', 'breach')
const below = (metric: string, value: number): Bound => ({
  ...{ word: `${metric}<${value}`, metric, relation: '<', value },
})

test('the cheapest of all that hold is chosen, and the dearer ones are told with their price', () => {
  const choice = chooseFor(knownOf(), ['files', 'kernel'])
  assert.equal(choice.chosen, 'container')
  assert.deepEqual(
    choice.candidates.map(({ engine }) => engine),
    ['container', 'gvisor', 'uml', 'microvm', 'vm'],
  )
  assert.match(candidate(choice, 'container').why[0] ?? '', /cheapest of 5.*1\.1 times the bare host over 1/)
  assert.equal(candidate(choice, 'vm').state, 'would do, dearer')
  assert.match(candidate(choice, 'vm').why[0] ?? '', /costs 20 times against 1\.1 times\.$/)
  assert.deepEqual(candidate(choice, 'vm').alsoHolds, ['network'])
  assert.deepEqual(choice.exam, { id: 'a1', at: '2026-11-28T18:01:30.000Z' })
  assert.equal(choice.price.id, 'fedcba987654')
})

test('one that was breached in what is required is too weak, by the worst of its breaches', () => {
  const findings = [...HELD, BREACH, { ...of('kernel', 'breach', 9), severity: 'escape' as const }]
  const choice = chooseFor(knownOf({ container: findings }), ['files', 'kernel'])
  assert.equal(choice.chosen, 'gvisor')
  assert.equal(candidate(choice, 'container').state, 'too weak')
  assert.deepEqual(candidate(choice, 'container').why, [
    'It does not hold kernel: a box can take kernel 9 (escape, and 1 more).',
  ])
})

test('a breach in what nobody requires keeps nobody from it, and is not counted as held', () => {
  const choice = chooseFor(knownOf({ container: [...HELD, BREACH] }), ['files'])
  assert.equal(choice.chosen, 'container')
  assert.deepEqual(candidate(choice, 'container').alsoHolds, ['network'])
  assert.deepEqual(candidate(choice, 'gvisor').alsoHolds, ['kernel', 'network'])
})

const HOLDINGS: readonly [string, readonly Finding[], string][] = [
  ['it held', [of('files')], 'held'],
  [
    'it held beside what is moot, granted or not applicable',
    [of('files'), of('files', 'moot', 2), of('files', 'granted', 3), of('files', 'not applicable', 4)],
    'held',
  ],
  ['all of it is granted', [of('files', 'granted')], 'unknown'],
  ['all of it is moot', [of('files', 'moot')], 'unknown'],
  ['none of it applies', [of('files', 'not applicable')], 'unknown'],
  ['it was not asked', [of('kernel')], 'unknown'],
  ['one probe is inconclusive', [of('files'), of('files', 'inconclusive', 2)], 'unknown'],
  ['one probe failed', [of('files'), of('files', 'error', 2)], 'unknown'],
  ['one was breached', [of('files'), of('files', 'breach', 2), of('files', 'error', 3)], 'breached'],
]
for (const [words, findings, state] of HOLDINGS)
  test(`where ${words}, an asset is ${state}`, () => {
    assert.equal(holdingOf(subjectOf('vm', findings), 'files').state, state)
    const chosen = chooseFor(knownOf({ container: findings }), ['files']).chosen
    assert.equal(chosen === 'container', state === 'held')
  })

test('a box that never started in its exam is unknown, whatever it is said to have held', () => {
  const silent = subjectOf('container', HELD, 'no /dev/kvm')
  assert.deepEqual(holdingOf(silent, 'files'), {
    state: 'unknown',
    why: 'the box never started in its exam: no /dev/kvm',
  })
})

test('what was not examined or not measured is unknown, with the command that would tell', () => {
  const known = knownOf({ container: null }, priceOf(EVERY_SIDE.slice(0, 4)))
  const choice = chooseFor({ ...known, options: ['--image', 'shell'] }, ['files'])
  assert.equal(choice.chosen, 'gvisor')
  assert.deepEqual(
    [candidate(choice, 'container').state, candidate(choice, 'vm').state],
    ['unknown', 'unknown'],
  )
  assert.match(
    candidate(choice, 'container').why[0] ?? '',
    /here \(glovebox exam --engine container --image shell would tell\)\.$/,
  )
  assert.match(
    candidate(choice, 'vm').why[0] ?? '',
    /here \(glovebox price --engine vm --image shell would tell\)\.$/,
  )
  assert.equal(candidate(choice, 'vm').cost, undefined)
})

test('what does not hold any more is unknown, for the reason that is told', () => {
  const choice = chooseFor({ ...knownOf(), outdated: new Map([['container', 'crun is another']]) }, ['files'])
  assert.equal(choice.chosen, 'gvisor')
  assert.deepEqual(candidate(choice, 'container').why, ['Crun is another.'])
})

test('where nothing holds, nothing is chosen', () => {
  const breached = [...HELD, BREACH]
  const all = { container: breached, gvisor: breached, uml: breached, microvm: breached, vm: breached }
  const choice = chooseFor(knownOf(all), ['kernel'])
  assert.equal(choice.chosen, undefined)
  assert.ok(!('chosen' in choice))
  assert.ok(choice.candidates.every(({ state }) => state === 'too weak'))
})

test('a budget is kept only where the whole interval keeps it', () => {
  const { high } = sampleOf(60)
  const tight = chooseFor(knownOf(), ['files'], [below('start', high)])
  assert.equal(candidate(tight, 'container').state, 'over budget')
  assert.match(
    candidate(tight, 'container').why[0] ?? '',
    /^Start is 60 ms, at most 60\.\d+, and the budget is below/,
  )
  assert.equal(tight.chosen, undefined)
  const wide = chooseFor(knownOf(), ['files'], [below('start', high * 1.001)])
  assert.equal(wide.chosen, 'container')
  assert.match(candidate(wide, 'container').why[1] ?? '', /^Start is .*: below/)
})

test('where more is better, the lower end of the interval decides', () => {
  const price = priceOf([
    sideOf('container', [measured(PIPE, 90, 100)]),
    sideOf('gvisor', [measured(PIPE, 120, 100)]),
  ])
  const over = (value: number): Bound => ({ word: 'pipe>', metric: 'pipe', relation: '>', value })
  const { low } = sampleOf(120)
  assert.equal(chooseFor(knownOf({}, price), ['files'], [over(low * 0.999)]).chosen, 'gvisor')
  assert.equal(chooseFor(knownOf({}, price), ['files'], [over(low)]).chosen, undefined)
})

test('what a budget speaks of and was not measured is unknown, with the reason', () => {
  const price = priceOf([sideOf('container', [notMeasured(PIPE, 'no pipe here')]), ...EVERY_SIDE.slice(1, 2)])
  const bound: Bound = { word: 'pipe>1MB/s', metric: 'pipe', relation: '>', value: 1 }
  const choice = chooseFor(knownOf({}, price), ['files'], [bound])
  assert.equal(choice.chosen, undefined)
  assert.deepEqual(candidate(choice, 'container').why, ['Pipe was not measured: no pipe here.'])
  assert.deepEqual(candidate(choice, 'gvisor').why, ['Pipe was not measured.'])
})

test('a breach is told before a budget, and both are', () => {
  const choice = chooseFor(knownOf({ vm: [...HELD, BREACH] }), ['kernel'], [below('start', 1)])
  assert.equal(candidate(choice, 'vm').state, 'too weak')
  assert.equal(candidate(choice, 'vm').why.length, 2)
})

test('costs that differ by noise alone are decided by the start', () => {
  const twins = (scatter: number) => [
    side('container', [measured(CALLS, 110, 100, scatter), measured(START, 900)]),
    side('gvisor', [measured(CALLS, 114, 100, scatter), measured(START, 60)]),
  ]
  const noisy = chooseFor(knownOf({}, priceOf(twins(0.3))), ['files'])
  assert.equal(noisy.chosen, 'gvisor')
  assert.match(
    candidate(noisy, 'gvisor').why[0] ?? '',
    /within the noise as much as container.*starts sooner/,
  )
  assert.equal(chooseFor(knownOf({}, priceOf(twins(0.001))), ['files']).chosen, 'container')
})

test('technologies are compared by the metrics that all have', () => {
  const price = priceOf([
    side('container', [measured(CALLS, 150, 100)]),
    side('gvisor', [measured(CALLS, 200, 100), measured(PIPE, 1000, 100)]),
  ])
  const choice = chooseFor(knownOf({}, price), ['files'])
  assert.equal(choice.chosen, 'container', 'the pipe, which only one has, counts for nothing')
  assert.match(candidate(choice, 'container').why[0] ?? '', /over 1 metric/)
})

test('an emulated processor is told', () => {
  const price = priceOf([{ ...sideOf('vm'), emulated: true }])
  assert.match(candidate(chooseFor(knownOf({}, price), ['files']), 'vm').why.at(-1) ?? '', /no security/)
})

test('a ratio that means nothing is no cost', () => {
  const broken = measured(CALLS, 100, 100)
  const zero = { ...broken, ratio: { value: 0, low: 0, high: 0, says: 'cheaper' as const } }
  const choice = chooseFor(knownOf({}, priceOf([side('container', [zero]), sideOf('gvisor')])), ['files'])
  assert.equal(choice.chosen, 'gvisor')
  assert.equal(candidate(choice, 'container').state, 'unknown')
})
