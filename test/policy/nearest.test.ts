import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editDistance, nearestName } from '../../src/policy/nearest.ts'
import { LIMIT_NAMES } from '../../src/policy/types.ts'
import { randomNumbers, wholeNumber } from './random.ts'

const CASES: readonly [name: string, nearest: string | undefined][] = [
  ['memory', 'memory'],
  ['memroy', 'memory'],
  ['Memory', 'memory'],
  ['open_files', 'open-files'],
  ['cpu', 'cpus'],
  ['dsk', 'disk'],
  ['network', undefined],
  ['', undefined],
  ['m'.repeat(100_000), undefined],
]
for (const [name, nearest] of CASES)
  test(`${JSON.stringify(name.slice(0, 20))} suggests ${nearest}`, () =>
    assert.equal(nearestName(name, LIMIT_NAMES), nearest))

test('the edit distance is a distance', () => {
  const random = randomNumbers(6)
  const word = () =>
    Array.from({ length: wholeNumber(random, 0, 8) }, () => (random() < 0.5 ? 'a' : 'b')).join('')
  for (let round = 0; round < 1000; round++) {
    const [a, b, c] = [word(), word(), word()]
    assert.equal(editDistance(a, a), 0)
    assert.equal(editDistance(a, b), editDistance(b, a))
    assert.equal(editDistance(a, b) === 0, a === b)
    assert.ok(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c))
  }
})
