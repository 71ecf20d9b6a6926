import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXIT_CODES, exitCodeOf } from '../../src/exam/outcome.ts'
import { examJsonSchema, parseResult } from '../../src/exam/result-schema.ts'
import type { SubjectResult } from '../../src/exam/result-types.ts'
import { BREACHES, examResult, finding, foreign, HOSTILE, MIXED, subject } from '../report/results.ts'

const RESULT = examResult([subject([...MIXED, ...BREACHES]), foreign('false', [], 'it ended')])

test('a result comes back as it was written', () => {
  assert.deepEqual(parseResult(JSON.stringify(RESULT), 'it'), RESULT)
  const hostile = examResult([subject([finding({ reason: HOSTILE })])])
  assert.deepEqual(parseResult(JSON.stringify(hostile), 'it'), hostile)
})

const WRONG: readonly [string, object][] = [
  ['of another version', { ...RESULT, version: 2 }],
  ['with an unknown field', { ...RESULT, more: true }],
  ['with an unknown verdict', examResult([subject([{ ...finding(), verdict: 'fine' as 'held' }])])],
  ['with an unknown asset', examResult([subject([{ ...finding(), asset: '__proto__' as 'files' }])])],
  ['with endless words', examResult([subject([finding({ reason: 'x'.repeat(100_000) })])])],
  ['with endless findings', examResult([subject(Array.from({ length: 2000 }, () => finding()))])],
  ['without a machine', { ...RESULT, host: undefined }],
]
for (const [name, document] of WRONG)
  test(`a result ${name} is refused`, () =>
    assert.throws(() => parseResult(JSON.stringify(document), 'it'), { code: 'EXAM_RESULT_INVALID' }))

test('the published schema refuses what it does not know', () => {
  const schema = JSON.parse(examJsonSchema())
  assert.equal(schema.additionalProperties, false)
  assert.equal(schema.properties.subjects.items.additionalProperties, false)
  assert.deepEqual(Object.keys(schema.properties).sort(), Object.keys(RESULT).sort())
})

const HELD = subject([finding(), finding({ verdict: 'moot' })])
const CODES: readonly [string, readonly SubjectResult[], keyof typeof EXIT_CODES][] = [
  ['all held', [HELD], 'held'],
  ['what the policy grants', [subject([finding({ verdict: 'granted' })])], 'held'],
  ['something held, the rest nobody can say', [subject(MIXED)], 'held'],
  ['a breach', [subject([finding(), ...BREACHES])], 'breach'],
  ['a breach of one of two', [HELD, foreign('bwrap', BREACHES)], 'breach'],
  [
    'a breach of one, and another that never started',
    [subject(BREACHES), foreign('false', [], 'it ended')],
    'breach',
  ],
  [
    'one that never started',
    [HELD, foreign('false', [finding({ verdict: 'inconclusive' })], 'it ended')],
    'unknown',
  ],
  ['only inconclusive probes', [subject([finding({ verdict: 'inconclusive' })])], 'unknown'],
  [
    'only moot and errors',
    [subject([finding({ verdict: 'moot' }), finding({ verdict: 'error' })])],
    'unknown',
  ],
  ['no probe at all', [subject([])], 'unknown'],
  ['no subject at all', [], 'unknown'],
]
for (const [name, subjects, outcome] of CODES)
  test(`exit code ${EXIT_CODES[outcome]}: ${name}`, () =>
    assert.equal(exitCodeOf({ subjects }), EXIT_CODES[outcome]))

test('strictly, a single probe that could show nothing is enough for a 3', () => {
  assert.equal(exitCodeOf({ subjects: [HELD] }, { strict: true }), 0)
  assert.equal(exitCodeOf({ subjects: [subject(MIXED)] }, { strict: true }), 3)
})
