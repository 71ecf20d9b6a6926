import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { ExamResult } from '../../src/exam/result-types.ts'
import { keepResult, keptResults } from '../../src/exam/results.ts'
import { type AskedBox, newestExams, newestPriceOf } from '../../src/price/known.ts'
import { keepPrice, keptPrices, newestPrice, priceFolder } from '../../src/price/results.ts'
import { withoutExam, withoutPrice } from '../../src/price/without.ts'
import { HOSTILE } from '../report/results.ts'
import { EVERY_SIDE, examOf, HELD, of, priceOf, sideOf } from './fixtures.ts'

const scratch = mkdtempSync(join(tmpdir(), 'glovebox-known-'))
after(() => rmSync(scratch, { recursive: true }))
let folders = 0
const freshFolder = (): string => join(scratch, String(folders++))

const { host, glovebox } = examOf({})
const BOX: AskedBox = {
  ...{ host, glovebox, now: new Date('2026-11-29T00:00:00Z') },
  ...{ image: `sha256:${'a'.repeat(64)}`, policy: `sha256:${'b'.repeat(64)}` },
}
const PROBES = HELD.map(({ probe }) => probe)
const at = (hour: number, id: string) => ({
  ...{ id, startedAt: `2026-11-28T${hour}:00:00.000Z`, endedAt: `2026-11-28T${hour}:01:30.000Z` },
})
const foundIn = (results: readonly ExamResult[], box = BOX) =>
  Object.fromEntries(
    [...newestExams(results, box, PROBES)].map(([engine, { source }]) => [engine, source.id]),
  )

test('of each technology its newest exam counts, also of different runs', () => {
  const older = examOf({ container: HELD, gvisor: HELD }, at(10, 'a1'))
  const newer = examOf({ container: HELD }, at(12, 'b2'))
  assert.deepEqual(foundIn([newer, older]), { container: 'b2', gvisor: 'a1' })
})

const ELSEWHERE: readonly [string, Partial<AskedBox>, RegExp][] = [
  ['kernel', { host: { ...host, kernel: '6.19.0' } }, /another kernel \(6\.18\.0 then, 6\.19\.0 now\)/],
  ['user', { host: { ...host, uid: 1 } }, /another user id \(1000 then, 1 now\)/],
  ['processor', { host: { ...host, cpu: 'Other' } }, /another processor/],
  ['architecture', { host: { ...host, machine: 'arm64' } }, /another architecture/],
  ['version', { glovebox: '0.2.0' }, /another version of Glovebox/],
  ['image', { image: `sha256:${'c'.repeat(64)}` }, /another image or policy/],
  ['policy', { policy: `sha256:${'c'.repeat(64)}` }, /another image or policy/],
  ['time', { now: new Date('2026-11-28T09:00:00Z') }, /from the future/],
]
for (const [what, parts, words] of ELSEWHERE)
  test(`an exam or a price of another ${what} says nothing, and the refusal says so`, () => {
    const box = { ...BOX, ...parts }
    const [exam, price] = [examOf({ container: HELD }, at(10, 'a1')), priceOf(EVERY_SIDE, at(10, 'a1'))]
    assert.deepEqual(foundIn([exam], box), {})
    assert.equal(newestPriceOf([price], box), undefined)
    assert.match(withoutExam([exam], box, ['files'], []).message, words)
    assert.match(withoutPrice([price], box, []).message, words)
    assert.deepEqual(foundIn([exam]), { container: 'a1' }, 'the control')
    assert.ok(newestPriceOf([price], BOX), 'the control')
  })

test('the distribution and the security modules may be others: the kernel is the machine', () => {
  const box = { ...BOX, host: { ...host, distribution: 'Other', lsm: '' } }
  assert.deepEqual(foundIn([examOf({ container: HELD }, at(10, 'a1'))], box), { container: 'a1' })
})

test('an exam that did not ask all probes of what is required says nothing, and the refusal says so', () => {
  const part = examOf({ container: HELD.slice(1) }, at(10, 'a1'))
  assert.deepEqual(foundIn([part]), {})
  const refusal = withoutExam([part], BOX, ['files'], ['--image', 'shell'])
  assert.match(refusal.message, /did not ask all probes of files/)
  assert.equal(refusal.remedy, 'Examine them with: glovebox exam --engine all --image shell')
})

test('a breach that a later part of an exam found counts, and what held in a part does not', () => {
  const whole = examOf({ container: [...HELD, of('files', 'breach', 2)] }, at(10, 'a1'))
  const mended = examOf({ container: [of('files', 'held', 2)] }, at(11, 'b2'))
  const broken = examOf({ container: [of('kernel', 'breach')] }, at(12, 'c3'))
  const found = newestExams([broken, mended, whole], BOX, PROBES).get('container')
  const breached = found?.subject.findings.filter(({ verdict }) => verdict === 'breach') ?? []
  assert.deepEqual(
    breached.map(({ probe }) => probe),
    ['kernel-1', 'files-2'],
  )
  assert.equal(found?.source.id, 'a1')
  const again = newestExams([examOf({ container: HELD }, at(13, 'd4')), broken, whole], BOX, PROBES)
  assert.ok(again.get('container')?.subject.findings.every(({ verdict }) => verdict === 'held'))
})

test('a technology that never started in its newest exam has answered', () => {
  const never = examOf({ container: [] }, at(12, 'b2'))
  const silent = {
    ...never,
    subjects: never.subjects.map((one) => ({ ...one, neverStarted: 'crun is missing' })),
  }
  const found = newestExams([silent, examOf({ container: HELD }, at(10, 'a1'))], BOX, PROBES)
  assert.equal(found.get('container')?.subject.neverStarted, 'crun is missing')
})

test('no more is read than is needed', () => {
  function* results() {
    yield examOf({ container: HELD, gvisor: HELD, uml: HELD, microvm: HELD, vm: HELD }, at(10, 'a1'))
    throw new Error('read on')
  }
  assert.equal(newestExams(results(), BOX, PROBES).size, 5)
})

test('the newest price counts, but a later one of fewer technologies does not hide the others', () => {
  const [older, newer] = [priceOf(EVERY_SIDE, at(10, 'a1')), priceOf(EVERY_SIDE, at(11, 'b2'))]
  const one = priceOf([sideOf('gvisor')], at(12, 'c3'))
  assert.equal(newestPriceOf([one, newer, older], BOX)?.id, 'b2')
  assert.equal(newestPriceOf([one], BOX)?.id, 'c3')
})

test('of a price only the sides of this box count', () => {
  const side = sideOf('vm')
  const other = {
    ...side,
    subject: { ...side.subject, image: { ref: 'x', digest: `sha256:${'c'.repeat(64)}` } },
  }
  const found = newestPriceOf([priceOf([other, sideOf('container')], at(10, 'a1'))], BOX)
  assert.deepEqual(
    found?.sides.map(({ subject }) => subject.engine),
    ['container'],
  )
})

test('where nothing is kept, the refusal says what to run', () => {
  const [exam, price] = [withoutExam([], BOX, ['files'], []), withoutPrice([], BOX, ['--image', 'shell'])]
  assert.deepEqual([exam.code, price.code], ['CHOICE_WITHOUT_EXAM', 'CHOICE_WITHOUT_PRICE'])
  assert.match(exam.message, /none is kept at all/)
  assert.equal(price.remedy, 'Measure them with: glovebox price --engine all --image shell')
})

test('what a hostile result brings into a refusal commands no terminal', () => {
  const hostile = examOf({ container: HELD }, { ...at(10, 'a1'), host: { ...host, kernel: HOSTILE } })
  assert.doesNotMatch(withoutExam([hostile], BOX, ['files'], []).message, /[\p{Cc}\p{Cf}]/u)
})

test('prices are kept and read back, the newest first, and at most fifty', () => {
  const folder = priceFolder(freshFolder())
  assert.deepEqual([newestPrice(folder), [...keptPrices(folder)]], [undefined, []])
  for (let minute = 0; minute < 52; minute++)
    keepPrice(
      folder,
      priceOf([], { id: 'ab', startedAt: `2026-11-28T10:${String(minute).padStart(2, '0')}:00.000Z` }),
    )
  const kept = [...keptPrices(folder)].map(({ startedAt }) => startedAt)
  assert.equal(kept.length, 50)
  assert.deepEqual([kept[0], kept.at(-1)], ['2026-11-28T10:51:00.000Z', '2026-11-28T10:02:00.000Z'])
  assert.equal(newestPrice(folder)?.startedAt, kept[0])
})

const GARBAGE: readonly [string, string][] = [
  ['no JSON', 'garbage'],
  ['nothing', ''],
  ['null', 'null'],
  ['a deep list', '['.repeat(100_000)],
  ['an exam with an unknown field', JSON.stringify({ ...examOf({ container: HELD }), more: 1 })],
  [
    'a price with a figure that is no number',
    JSON.stringify(priceOf(EVERY_SIDE)).replace(/"median":\d+/, '"median":"1"'),
  ],
  ['bytes', '\u0000\uffff\ud800'],
]
for (const [words, text] of GARBAGE)
  test(`a kept file that holds ${words} is not there`, () => {
    const folder = freshFolder()
    keepResult(folder, examOf({ container: HELD }, at(10, 'a1')))
    mkdirSync(priceFolder(folder), { recursive: true })
    for (const where of [folder, priceFolder(folder)])
      writeFileSync(join(where, '20261128T120000000Z-ff.json'), text)
    assert.deepEqual(
      [...keptResults(folder)].map(({ id }) => id),
      ['a1'],
    )
    assert.equal(newestPrice(priceFolder(folder)), undefined)
  })

test('a kept file that cannot be read is an error: it could be the one that counts', () => {
  const folder = freshFolder()
  keepResult(folder, examOf({ container: HELD }, at(10, 'a1')))
  mkdirSync(join(folder, '20261128T120000000Z-ff.json'))
  assert.throws(() => [...keptResults(folder)], { code: 'KEPT_FILE_UNREADABLE' })
  assert.equal(readdirSync(folder).length, 2)
})

test('files of other names are not looked at', () => {
  const folder = freshFolder()
  mkdirSync(folder)
  for (const name of ['x.json', '.20261128T120000000Z-ff.json', '20261128T120000000Z-ff.json.bak'])
    writeFileSync(join(folder, name), JSON.stringify(examOf({ container: HELD })))
  assert.deepEqual([...keptResults(folder)], [])
})
