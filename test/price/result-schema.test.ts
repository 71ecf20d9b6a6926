import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrice, priceJsonSchema } from '../../src/price/result-schema.ts'
import type { Figure, Metric, PriceResult, SideResult } from '../../src/price/result-types.ts'
import {
  CALLS,
  everyPrice,
  measured,
  NEIGHBOURS,
  notMeasured,
  PIPE,
  priceResult,
  side,
} from '../report/prices.ts'
import { HOSTILE } from '../report/results.ts'

const FIGURE = measured(CALLS, 240, 60)
const SIDE = side('container', [FIGURE, notMeasured(PIPE, 'it has none')])
const RESULT = priceResult([SIDE], { neighbours: NEIGHBOURS })

test('a price comes back as it was written', () => {
  for (const price of [RESULT, everyPrice(), priceResult([]), priceResult([SIDE], { command: ['true'] })])
    assert.deepEqual(parsePrice(JSON.stringify(price), 'it'), price)
  const hostile = priceResult([side('uml', [notMeasured(CALLS, HOSTILE)], { warnings: [HOSTILE] })])
  assert.deepEqual(parsePrice(JSON.stringify(hostile), 'it'), hostile)
})

const ofFigure = (parts: object): PriceResult =>
  priceResult([side('uml', [{ ...FIGURE, ...parts } as Figure])])
const ofSide = (parts: object): PriceResult => priceResult([{ ...SIDE, ...parts } as SideResult])
const ofMetric = (parts: object): PriceResult =>
  priceResult([], { metrics: [{ ...CALLS, ...parts } as Metric] })
const { ratio, box } = FIGURE
const twoSides = [...NEIGHBOURS.sides, ...NEIGHBOURS.sides]

const WRONG: readonly [name: string, document: object, why: RegExp][] = [
  ['of another version', { ...RESULT, version: 2 }, /it is of another version than this program reads/],
  ['with an unknown field', { ...RESULT, more: true }, /more/],
  ['without a machine', { ...RESULT, host: undefined }, /host/],
  ['of an engine that there is none of', ofSide({ subject: { ...SIDE.subject, engine: 'jail' } }), /engine/],
  ['of an engine of a prototype', ofSide({ subject: { ...SIDE.subject, engine: 'constructor' } }), /engine/],
  ['in another unit', ofMetric({ unit: 'fortnights' }), /unit/],
  ['of another group', ofMetric({ group: 'toString' }), /group/],
  ['whose metric has markup for an id', ofMetric({ id: '<b>' }), /id/],
  ['whose metric is named after a prototype', ofMetric({ id: '__proto__' }), /id/],
  ['that describes a metric twice', { ...RESULT, metrics: [CALLS, CALLS, PIPE] }, /metric twice/],
  ['with two figures of one metric', ofSide({ figures: [FIGURE, FIGURE] }), /metric twice/],
  ['with a figure of no metric', priceResult([SIDE], { metrics: [PIPE] }), /does not describe/],
  ['neither measured nor not', ofFigure({ state: 'guessed' }), /state/],
  ['measured with a reason why not', ofFigure({ reason: 'none' }), /reason/],
  ['without a sample', ofFigure({ box: undefined }), /box/],
  ['whose ratio is nothing', ofFigure({ ratio: { ...ratio, value: 0 } }), /ratio\.value/],
  ['whose ratio is below nothing', ofFigure({ ratio: { ...ratio, low: -1 } }), /ratio\.low/],
  ['of endless cost', ofFigure({ ratio: { ...ratio, value: 1e300 } }), /ratio\.value/],
  ['whose interval is turned round', ofFigure({ ratio: { ...ratio, low: 9, high: 2 } }), /before it begins/],
  ['that took less than no time', ofFigure({ box: { ...box, median: -1 } }), /box\.median/],
  ['that took no number (JSON has no NaN)', ofFigure({ box: { ...box, median: Number.NaN } }), /box\.median/],
  ['of no runs', ofFigure({ box: { ...box, runs: 0 } }), /box\.runs/],
  ['with endless runs', ofFigure({ box: { ...box, values: Array(200_000).fill(1) } }), /box\.values/],
  ['with endless words', ofSide({ warnings: ['x'.repeat(100_000)] }), /warnings/],
  ['with endless sides', priceResult(Array(200).fill(SIDE)), /sides/],
  [
    'with a neighbour twice',
    { ...RESULT, neighbours: { ...NEIGHBOURS, sides: twoSides } },
    /technology twice/,
  ],
]
for (const [name, document, why] of WRONG)
  test(`a price ${name} is refused`, () =>
    assert.throws(() => parsePrice(JSON.stringify(document), 'it'), {
      code: 'PRICE_RESULT_INVALID',
      message: why,
    }))

test('a price with a field __proto__ is refused, and nothing gets its fields', () => {
  const text = JSON.stringify(RESULT).replace('{', '{"__proto__":{"polluted":true},')
  assert.throws(() => parsePrice(text, 'it'), { code: 'PRICE_RESULT_INVALID' })
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('what is no JSON at all is refused by the name of its file', () =>
  assert.throws(() => parsePrice('<html>', 'price.json'), {
    code: 'PRICE_RESULT_INVALID',
    message: 'Cannot read price.json as the result of a price: it is not JSON.',
  }))

test('the published schema refuses what it does not know, and knows every field', () => {
  const schema = JSON.parse(priceJsonSchema())
  assert.equal(schema.additionalProperties, false)
  assert.equal(schema.properties.sides.items.additionalProperties, false)
  const whole = Object.keys(priceResult([SIDE], { command: [], neighbours: NEIGHBOURS }))
  assert.deepEqual(Object.keys(schema.properties).sort(), whole.sort())
})
