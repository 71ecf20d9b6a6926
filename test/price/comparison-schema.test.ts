import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparisonJsonSchema, parseComparison } from '../../src/price/comparison-schema.ts'
import type { Comparison } from '../../src/price/comparison-types.ts'
import { everyPrice } from '../report/prices.ts'
import { BREACHES, examResult, MIXED, subject } from '../report/results.ts'

const exam = examResult([subject([...MIXED, ...BREACHES])])
const COMPARISON: Comparison = { version: 1, exam, price: everyPrice() }

test('a comparison comes back as it was written', () =>
  assert.deepEqual(parseComparison(JSON.stringify(COMPARISON), 'it'), COMPARISON))

const WRONG: readonly [name: string, document: object, why: RegExp][] = [
  ['of another version', { ...COMPARISON, version: 2 }, /version/],
  ['with an unknown field', { ...COMPARISON, score: 99 }, /score/],
  ['without a price', { version: 1, exam }, /price/],
  ['whose exam is a price', { ...COMPARISON, exam: COMPARISON.price }, /exam\./],
  [
    'with a verdict that there is none of',
    { ...COMPARISON, exam: examResult([subject([{ ...MIXED[0], verdict: 'valueOf' } as never])]) },
    /exam\.subjects\.0\.findings\.0\.verdict/,
  ],
]
for (const [name, document, why] of WRONG)
  test(`a comparison ${name} is refused`, () =>
    assert.throws(() => parseComparison(JSON.stringify(document), 'it'), {
      code: 'COMPARISON_INVALID',
      message: why,
    }))

test('the published schema refuses what it does not know', () => {
  const schema = JSON.parse(comparisonJsonSchema())
  assert.equal(schema.additionalProperties, false)
  assert.deepEqual(Object.keys(schema.properties).sort(), ['exam', 'price', 'version'])
  assert.equal(schema.properties.exam.additionalProperties, false)
})
