import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choiceReport } from '../../src/report/choice.ts'
import { ageInWords, choiceLine } from '../../src/report/choice-line.ts'
import { PLAIN } from '../../src/report/wrap.ts'
import { chooseFor, HELD, knownOf, of, priceOf, sideOf } from '../price/fixtures.ts'
import { HOSTILE } from './results.ts'

const NOW = new Date('2026-11-30T18:10:00Z')
const CHOICE = chooseFor(knownOf({ container: [...HELD, of('kernel', 'breach')] }), ['kernel'])

test('the first line says what to take, and why', () => {
  const [first, second] = choiceReport(CHOICE, PLAIN).split('\n')
  assert.equal(
    first,
    'Take gvisor: it is the cheapest of 4 that hold all that is required: 4 times the bare host over 1',
  )
  assert.equal(second, 'metric.')
})

test('each other one is told: what it lacks, or what it costs and would hold beyond', () => {
  const identity = [...HELD, of('identity')]
  const report = choiceReport(chooseFor(knownOf({ vm: identity }), ['kernel']), PLAIN)
  assert.match(
    report,
    /^vm: would do, dearer\n {2}It holds .* 20 times .*\n {2}It would also hold identity\.$/m,
  )
  assert.match(
    choiceReport(CHOICE, PLAIN),
    /^container: too weak\n {2}It does not hold kernel: a box can take kernel 1/m,
  )
})

test('what the taken one holds and another is not known to hold is told', () => {
  const report = choiceReport(chooseFor(knownOf({ vm: [of('kernel')] }), ['kernel']), PLAIN)
  assert.match(report, /^ {2}It is not known to hold files, network, as container does\.$/m)
})

test('where none holds, the first line says so, and each is told', () => {
  const known = knownOf({}, priceOf([sideOf('container')]))
  const report = choiceReport(chooseFor(known, ['machine']), PLAIN)
  assert.match(report, /^Take none: no technology is known to hold machine on this machine\.$/m)
  for (const engine of ['container', 'gvisor', 'uml', 'microvm', 'vm'])
    assert.match(report, new RegExp(`^${engine}: unknown$`, 'm'))
})

test('exam and price are named', () =>
  assert.match(
    choiceReport(CHOICE, PLAIN),
    /By the exam a1 of 2026-11-28T18:01:30\.000Z and the price fedcba987654/,
  ))

test('no line is longer than the terminal, and hostile words command nothing', () => {
  const hostile = { ...of('kernel', 'breach'), title: HOSTILE }
  const choice = chooseFor(knownOf({ container: [hostile] }), ['kernel'])
  const require = [{ word: HOSTILE, asset: 'kernel' as const }]
  const report = choiceReport({ ...choice, require }, { ...PLAIN, width: 60 })
  for (const line of report.split('\n')) assert.ok(line.length <= 60, line)
  for (const text of [report, choiceLine({ ...choice, require }, NOW)])
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
})

test('a start says in one line what was taken, of which, and how old exam and price are', () => {
  assert.equal(
    choiceLine(CHOICE, NOW),
    'Engine gvisor: the cheapest of gvisor, uml, microvm, vm, which hold kernel; exam of 2 days ago, price of 2 days ago',
  )
  const alone = chooseFor(knownOf({}, priceOf([sideOf('vm')])), ['kernel'], [])
  assert.match(choiceLine(alone, NOW), /^Engine vm: the only one known to hold kernel; /)
})

test('ages are in words', () => {
  const ages = ['18:10:00', '18:09:00', '17:40:00', '17:10:00', '12:00:00'].map((time) =>
    ageInWords(`2026-11-30T${time}Z`, NOW),
  )
  assert.deepEqual(ages, ['a moment ago', '1 minute ago', '30 minutes ago', '1 hour ago', '6 hours ago'])
  assert.equal(ageInWords('2026-12-30T00:00:00Z', NOW), 'a moment ago')
})
