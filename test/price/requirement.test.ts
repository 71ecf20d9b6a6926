import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASSETS } from '../../src/exam/types.ts'
import { boundedMetrics, parseBudget } from '../../src/price/budget.ts'
import { ALIASES, parseRequirement } from '../../src/price/requirement.ts'
import { CALLS, priceResult } from '../report/prices.ts'

const assetsOf = (...words: string[]) => parseRequirement(words).map(({ asset }) => asset)
const METRICS = boundedMetrics()
const bound = (word: string) => parseBudget([word], METRICS)[0]

test('each asset of the exam can be required, in any case and with commas', () => {
  assert.deepEqual(assetsOf(ASSETS.join(',')), ASSETS)
  assert.deepEqual(assetsOf('Files, KERNEL', 'terminal'), ['files', 'kernel', 'terminal'])
})

test('what people call a part of an asset is that asset, once', () => {
  assert.deepEqual(assetsOf('lan,network,ipc'), ['network', 'processes'])
  assert.equal(parseRequirement(['lan', 'network'])[0]?.word, 'lan')
  for (const [alias, asset] of Object.entries(ALIASES)) assert.deepEqual(assetsOf(alias), [asset])
  for (const alias of Object.keys(ALIASES)) assert.ok(!(ASSETS as readonly string[]).includes(alias), alias)
})

for (const words of [[], [''], [','], [' , ']])
  test(`nothing is no requirement: ${JSON.stringify(words)}`, () =>
    assert.throws(() => parseRequirement(words), { code: 'NO_REQUIREMENT' }))

for (const word of ['everything', 'constructor', '__proto__', 'file s', 'net work', '\u001b[2J'.repeat(99)])
  test(`an unknown word is refused with those there are: ${JSON.stringify(word).slice(0, 30)}`, () =>
    assert.throws(() => parseRequirement([word]), {
      ...{ code: 'UNKNOWN_REQUIREMENT', remedy: /files, processes, kernel.*lan \(network\)/ },
      message: /^[\x20-\x7e…]*$/,
    }))

test('a word that is nearly right is told', () =>
  assert.throws(() => parseRequirement(['netwrok']), { message: /Did you mean network\?/ }))

const VALUES: readonly [string, number][] = [
  ['start<500ms', 500],
  ['start<0.5s', 500],
  ['start < 250000us', 250],
  ['cold<1s', 1000],
  ['memory<200M', (200 * 2 ** 20) / 1e6],
  ['memory<200MiB', (200 * 2 ** 20) / 1e6],
  ['memory<200MB', 200],
  ['memory<1G', 2 ** 30 / 1e6],
  ['calls<1us', 1000],
  ['calls<1µs', 1000],
  ['calls<800ns', 800],
  ['throughput>100MB/s', 100],
  ['throughput>1GB/s', 1000],
  ['throughput>1M/s', 2 ** 20 / 1e6],
]
for (const [word, value] of VALUES)
  test(`${word} is ${value} in the metric's unit`, () => {
    const found = bound(word)
    assert.ok(found !== undefined && Math.abs(found.value / value - 1) < 1e-12, String(found?.value))
    assert.equal(found.word, word)
    assert.equal(found.relation, word.includes('<') ? '<' : '>')
  })

const REFUSED: readonly [string, string, RegExp][] = [
  ['start>5ms', 'BAD_BUDGET', /less is better, so > would refuse what is good/],
  ['throughput<5MB/s', 'BAD_BUDGET', /more is better, so < would refuse what is good/],
  ['start<500', 'BAD_BUDGET', /its unit is missing/],
  ['start<500MB', 'BAD_BUDGET', /start is not measured in "MB"/],
  ['memory<200ms', 'BAD_BUDGET', /memory is not measured in "ms"/],
  ['throughput>100MB', 'BAD_BUDGET', /not measured in "MB"/],
  ['start<0ms', 'BAD_BUDGET', /nothing is bounded by 0/],
  ['start<=5ms', 'BAD_BUDGET', /it is not a metric, < or >/],
  ['start=5ms', 'BAD_BUDGET', /it is not a metric/],
  ['start', 'BAD_BUDGET', /it is not a metric/],
  ['start<-5ms', 'BAD_BUDGET', /it is not a metric/],
  ['start<5e9ms', 'BAD_BUDGET', /it is not a metric/],
  ['start<9999999999999s', 'BAD_BUDGET', /at most 12 digits/],
  ['start<0.0000001ms', 'BAD_BUDGET', /6 behind the point/],
  ['', 'BAD_BUDGET', /it bounds nothing/],
  [' , ,', 'BAD_BUDGET', /it bounds nothing/],
  ['start<Infinityms', 'BAD_BUDGET', /it is not a metric/],
  [`start<${'9'.repeat(400)}ms`, 'BAD_BUDGET', /it is not a metric/],
  ['start<5__proto__', 'BAD_BUDGET', /it is not a metric/],
  ['memroy<5M', 'UNKNOWN_METRIC', /Did you mean memory\?/],
  ['constructor<5ms', 'UNKNOWN_METRIC', /no price has a metric of this name/],
]
for (const [word, code, message] of REFUSED)
  test(`${word.slice(0, 40)} is refused with why`, () => assert.throws(() => bound(word), { code, message }))

test('the same bound counts once, and none is none', () => {
  assert.equal(parseBudget(['start<5ms, start<5ms', 'start<5ms'], METRICS).length, 1)
  assert.deepEqual(parseBudget([], METRICS), [])
})

test('an unknown metric is refused with those there are', () =>
  assert.throws(() => bound('speed<5ms'), { remedy: /^Choose from start, cold, resume, memory, integer/ }))

test('metrics of the newest price are known, and its units count', () => {
  const own = { ...CALLS, unit: 'us', id: 'calls' } as const
  const metrics = boundedMetrics(priceResult([], { metrics: [own, { ...own, id: 'render' }] }))
  assert.equal(parseBudget(['calls<1us'], metrics)[0]?.value, 1)
  assert.equal(parseBudget(['render<1ms'], metrics)[0]?.metric, 'render')
  assert.equal(parseBudget(['start<1s'], metrics)[0]?.value, 1000)
})

test('no budget is none', () => assert.deepEqual(parseBudget([], METRICS), []))
