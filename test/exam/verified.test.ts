import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Certificate, type Combination, makeCertificate } from '../../src/exam/certificate.ts'
import type { ExamResult, Finding } from '../../src/exam/result-types.ts'
import { checkVerified } from '../../src/exam/verified.ts'
import { BREACHES, examResult, finding, MIXED, subject } from '../report/results.ts'

const HOUR = 3_600_000
const NOW = new Date('2026-11-28T20:00:00Z')

function certify(
  findings: readonly Finding[],
  parts: Partial<ExamResult> = {},
  neverStarted?: string,
): Certificate {
  const examined = subject(findings, neverStarted === undefined ? {} : { neverStarted })
  return makeCertificate(examResult([examined], parts), examined)
}

/** Ended one and a half minutes past the hour. */
const at = (hour: number, id: string): Partial<ExamResult> => ({
  ...{ id, startedAt: `2026-11-28T${hour}:00:00.000Z`, endedAt: `2026-11-28T${hour}:01:30.000Z` },
})

const PASSED = certify(MIXED, at(18, 'a1'))
const { combination } = PASSED.predicate
const check = (
  certificates: readonly Certificate[],
  parts: Partial<Combination> = {},
  maxAgeMs = 24 * HOUR,
) =>
  checkVerified(certificates, {
    ...{ combination: { ...combination, ...parts }, maxAgeMs, now: NOW },
    command: 'glovebox exam --engine container',
  })
const refused = (run: () => unknown, message: RegExp): void =>
  assert.throws(run, {
    code: 'EXAM_NOT_VERIFIED',
    message,
    remedy: 'Examine it with: glovebox exam --engine container',
  })

test('an exam of this very combination without a breach covers it, the newest first', () => {
  const later = certify(MIXED, at(19, 'b2'))
  assert.deepEqual(
    check([PASSED, later]).map(({ predicate }) => predicate.exam),
    ['b2', 'a1'],
  )
})

test('without any exam nothing is verified', () => refused(() => check([]), /nothing was examined here yet/))

const OTHERS: readonly [Partial<Combination>, RegExp][] = [
  [{ kernel: '6.19.0' }, /the machine's kernel \(6\.18\.0 then, 6\.19\.0 now\)/],
  [{ engine: 'gvisor' }, /the engine \(container then, gvisor now\)/],
  [{ tools: ['crun 1.21'] }, /the tools \(crun 1\.8\.1 then, crun 1\.21 now\)/],
  [
    { image: `sha256:${'c'.repeat(64)}` },
    /the image \(sha256:aaaaaaaaaaaa… then, sha256:cccccccccccc… now\)/,
  ],
  [{ policy: `sha256:${'c'.repeat(64)}` }, /the policy \(sha256:bbbbbbbbbbbb…/],
  [{ glovebox: '0.2.0' }, /Glovebox's version \(0\.1\.0 then, 0\.2\.0 now\)/],
  [{ machine: 'arm64' }, /the architecture/],
  [{ distribution: 'Ubuntu 24.04' }, /the distribution/],
  [{ asRoot: true }, /whether root runs it \(false then, true now\)/],
]
for (const [parts, message] of OTHERS)
  test(`an exam of another combination does not cover it: ${Object.keys(parts)}`, () =>
    refused(() => check([PASSED], parts), message))

test('every field of a combination was tried', () => {
  const tried = new Set(OTHERS.flatMap(([parts]) => Object.keys(parts)))
  assert.deepEqual(
    Object.keys(combination).filter((field) => !tried.has(field)),
    ['catalogue'],
  )
})

test('an exam of less than the whole catalogue does not cover it', () => {
  refused(() => check([certify(MIXED.slice(0, 2), at(18, 'a1'))]), /what was asked \(only 2 probes/)
})

test('the nearest exam is what the error speaks of', () => {
  const far = certify(MIXED, {
    ...at(19, 'b2'),
    glovebox: '0.0.1',
    host: { ...examResult([]).host, kernel: '5.0' },
  })
  refused(
    () => check([far, PASSED], { kernel: '6.19.0' }),
    /differs in the machine's kernel \(6\.18\.0 then, 6\.19\.0 now\)\.$/,
  )
})

test('an exam that is too old, or from the future, does not cover it', () => {
  refused(() => check([PASSED], {}, HOUR), /1 h old, where at most 1 h are asked for/)
  refused(() => check([certify(MIXED, at(21, 'c3'))]), /in the future/)
})

test('a breach counts until a whole exam has passed after it', () => {
  const breach = certify([...MIXED, ...BREACHES], at(18, 'd4'))
  const covers = { catalogue: breach.predicate.combination.catalogue }
  refused(() => check([breach], covers), /found that it could type into your terminal/)
  const partial = certify(BREACHES.slice(0, 1), at(19, 'e5'))
  assert.equal(check([PASSED]).length, 1, 'the control')
  refused(() => check([PASSED, partial]), /found that it could type into your terminal/)
  const again = certify(MIXED, { ...at(19, 'f6'), endedAt: '2026-11-28T19:30:00.000Z' })
  assert.deepEqual(
    check([PASSED, partial, again]).map(({ predicate }) => predicate.exam),
    ['f6'],
  )
})

test('an exam that could show nothing does not cover it', () => {
  const silent = MIXED.map((one) => ({ ...one, verdict: 'inconclusive' as const }))
  refused(() => check([certify(silent, at(18, 'a1'))]), /could not show that anything held/)
  refused(() => check([certify(MIXED, at(18, 'a1'), 'it ended')]), /never started/)
  assert.equal(
    check([certify([finding()], at(18, 'a1'))], {
      catalogue: certify([finding()]).predicate.combination.catalogue,
    }).length,
    1,
  )
})
