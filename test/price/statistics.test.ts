import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Sample } from '../../src/price/result-types.ts'
import { isNoisy, lossOf, median, quantile, ratioOf, summarize } from '../../src/price/statistics.ts'
import { sampleOf } from '../report/prices.ts'

describe('quantile', () => {
  const TABLE: readonly [sample: readonly number[], q: number, expected: number][] = [
    [[], 0.5, Number.NaN],
    [[7], 0, 7],
    [[7], 0.5, 7],
    [[7], 1, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[4, 1, 3, 2], 0, 1],
    [[4, 1, 3, 2], 1, 4],
    [[0, 10], 0.25, 2.5],
    [[0, 10, 20, 30, 40], 0.9, 36],
    [[10, 9, 100], 0.5, 10], // by size, not by letters
    [[1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.75, Number.POSITIVE_INFINITY],
    [[1, 1, Number.POSITIVE_INFINITY], 0.25, 1],
  ]
  for (const [sample, q, expected] of TABLE)
    test(`${q} of ${JSON.stringify(sample)} is ${expected}`, () => {
      const before = [...sample]
      assert.equal(quantile(sample, q), expected)
      assert.deepEqual(sample, before, 'the sample is as it was')
    })

  test('the median lies in the middle', () => {
    assert.equal(median([5, 1, 9]), 5)
    assert.equal(median([5, 1, 9, 7]), 6)
  })
})

describe('summarize', () => {
  const SAMPLES: readonly (readonly number[])[] = [
    [1, 2, 3, 4, 5],
    [5, 1, 4, 2, 3],
    [10, 10, 10, 10, 1000],
    [0.001, 0.5, 7, 7, 8, 9],
    [100, 2],
  ]
  for (const values of SAMPLES)
    test(`the interval of ${values} holds the median, within the values`, () => {
      const { low, median: middle, high } = summarize(values)
      assert.ok(low <= middle && middle <= high, `${low} ${middle} ${high}`)
      assert.ok(Math.min(...values) <= low && high <= Math.max(...values))
      assert.ok(low < high, 'values that differ leave some doubt')
    })

  test('the same sample has the same interval each time, and keeps its values in their order', () => {
    const values = [9, 3, 7, 1, 8, 2]
    assert.deepEqual(summarize(values), summarize([...values]))
    assert.deepEqual(summarize(values).values, values)
    assert.equal(summarize(values).runs, 6)
  })

  test('more of the same values have a narrower interval', () => {
    const values = [4, 8, 5, 9, 6, 7]
    const width = ({ low, high }: Sample): number => high - low
    const many = Array.from({ length: 10 }, () => values).flat()
    assert.ok(width(summarize(many)) < width(summarize(values)))
  })

  test('one value is its own interval', () =>
    assert.deepEqual(summarize([42]), { runs: 1, median: 42, low: 42, high: 42, spread: 0, values: [42] }))

  test('the spread is the interquartile range over the median, and 0 of zeros', () => {
    assert.equal(summarize([10, 20, 30, 40, 50]).spread, 2 / 3)
    assert.equal(summarize([0, 0, 0]).spread, 0)
  })
})

describe('ratioOf', () => {
  const said = (box: number, bare: number, better: 'less' | 'more', scatter = 0.01) =>
    ratioOf(sampleOf(box, scatter), sampleOf(bare, scatter), better)

  const TABLE: readonly [
    box: number,
    bare: number,
    better: 'less' | 'more',
    value: number,
    says: 'equal' | 'dearer' | 'cheaper',
  ][] = [
    [200, 100, 'less', 2, 'dearer'],
    [50, 100, 'less', 0.5, 'cheaper'],
    [50, 100, 'more', 2, 'dearer'],
    [200, 100, 'more', 0.5, 'cheaper'],
    [100, 100, 'less', 1, 'equal'],
    [100, 100, 'more', 1, 'equal'],
  ]
  for (const [box, bare, better, expected, says] of TABLE)
    test(`${box} against ${bare}, where ${better} is better, is ${expected} times: ${says}`, () => {
      const ratio = said(box, bare, better)
      assert.ok(Math.abs(ratio.value - expected) < 1e-9, String(ratio.value))
      assert.ok(ratio.low <= ratio.value && ratio.value <= ratio.high)
      assert.equal(ratio.says, says)
    })

  test('a difference within the noise is equal, and the same without the noise is not', () => {
    const noisy = said(105, 100, 'less', 0.1)
    assert.ok(noisy.low <= 1 && noisy.high >= 1 && noisy.high / noisy.low < 1.5, JSON.stringify(noisy))
    assert.equal(noisy.says, 'equal')
    assert.equal(said(105, 100, 'less', 0.001).says, 'dearer')
  })

  test('a difference below 2 % is equal however sure it is, and one above is not', () => {
    const [below, above] = [said(101.9, 100, 'less', 0), said(102.1, 100, 'less', 0)]
    assert.ok(below.low > 1, 'it is sure')
    assert.deepEqual([below.says, above.says], ['equal', 'dearer'])
    assert.deepEqual([said(98.1, 100, 'less', 0).says, said(97.9, 100, 'less', 0).says], ['equal', 'cheaper'])
  })

  test('the same samples have the same ratio each time', () =>
    assert.deepEqual(said(130, 100, 'less', 0.3), said(130, 100, 'less', 0.3)))
})

describe('lossOf', () => {
  const loss = (alone: number, beside: number, scatter = 0.01) =>
    lossOf(sampleOf(alone, scatter), sampleOf(beside, scatter))

  test('it is in percent of what there was alone, with its interval', () => {
    const { percent, low, high, equal } = loss(1000, 400)
    assert.ok(Math.abs(percent - 60) < 1e-9)
    assert.ok(low <= percent && percent <= high && low > 58 && high < 62, `${low} ${high}`)
    assert.equal(equal, false)
    assert.ok(Math.abs(loss(1000, 0).percent - 100) < 1e-9, 'all of it')
  })

  test('what was quicker beside it has lost less than nothing', () => {
    const { percent, high, equal } = loss(100, 150)
    assert.ok(Math.abs(percent + 50) < 1e-9)
    assert.ok(high < 0)
    assert.equal(equal, false)
  })

  test('a loss within the noise or below 2 % is equal', () => {
    const noisy = loss(100, 96, 0.05)
    assert.ok(noisy.low <= 0 && noisy.high >= 0 && noisy.high - noisy.low < 20, JSON.stringify(noisy))
    assert.equal(noisy.equal, true)
    assert.equal(loss(100, 96, 0.001).equal, false)
    assert.deepEqual([loss(1000, 981, 0).equal, loss(1000, 979, 0).equal], [true, false])
  })
})

test('a sample is noisy where its interval is wider than 30 % of its median', () => {
  const of = (low: number, high: number): Sample => ({
    ...{ runs: 5, median: 100, low, high, spread: 0, values: [100] },
  })
  assert.equal(isNoisy(of(85, 115)), false)
  assert.equal(isNoisy(of(84, 115)), true)
  assert.equal(isNoisy(of(100, 100)), false)
  assert.equal(isNoisy(of(99, 200)), true)
})
