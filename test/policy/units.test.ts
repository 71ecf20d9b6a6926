import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import {
  formatDuration,
  formatSize,
  parseCpus,
  parseDuration,
  parseSize,
  parseWhole,
} from '../../src/policy/units.ts'
import { randomNumbers, wholeNumber } from './random.ts'

const SOURCE = { name: '--flag', example: '--flag 7' }

const READ: readonly [parse: typeof parseSize, text: string, value: number][] = [
  [parseSize, '0', 0],
  [parseSize, '4096', 4096],
  [parseSize, '1K', 1024],
  [parseSize, '512M', 512 * 2 ** 20],
  [parseSize, '512m', 512 * 2 ** 20],
  [parseSize, '512MiB', 512 * 2 ** 20],
  [parseSize, '1.5G', 1.5 * 2 ** 30],
  [parseSize, '2T', 2 * 2 ** 40],
  [parseSize, '0.1K', 102],
  [parseDuration, '500ms', 500],
  [parseDuration, '30s', 30_000],
  [parseDuration, '2m', 120_000],
  [parseDuration, '1.5h', 5_400_000],
  [parseDuration, '1d', 86_400_000],
  [parseCpus, '1.5', 1.5],
  [parseCpus, '2', 2],
  [parseWhole, '64', 64],
]
for (const [parse, text, value] of READ)
  test(`${parse.name} reads ${text} as ${value}`, () => assert.equal(parse(text, SOURCE), value))

const NUMBERLESS = [
  '',
  ' ',
  '-1',
  '+1',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  '1,5',
  '.5',
  '5.',
  '1 ',
  '١',
  '1\n',
]
const REFUSED: readonly [parse: typeof parseSize, texts: readonly string[]][] = [
  [parseSize, [...NUMBERLESS, '1.5', '512MB', '1 G', '12Q', 'G', '9999999999999999', '999999999999999T']],
  [parseDuration, [...NUMBERLESS, '30', '30S', '5min', '1m30s', '999999999999d', '9'.repeat(100_000)]],
  [parseCpus, [...NUMBERLESS, '1.2345', '1234567', '50%']],
  [parseWhole, [...NUMBERLESS, '1.0', '1K', '9'.repeat(16)]],
]
for (const [parse, texts] of REFUSED)
  test(`${parse.name} refuses what it does not know, and says the flag, the value and an example`, () => {
    for (const text of texts)
      assert.throws(
        () => parse(text, SOURCE),
        (error) =>
          error instanceof GloveboxError &&
          error.code === 'BAD_VALUE' &&
          error.audience === 'usage' &&
          error.message.includes('--flag') &&
          error.message.length < 300 &&
          error.details['value'] === text &&
          error.remedy?.includes('--flag 7') === true,
        JSON.stringify(text.slice(0, 30)),
      )
  })

test('a refused value cannot write to the terminal', () => {
  assert.throws(
    () => parseSize('\u001b]52;c;\u009b\u202e', SOURCE),
    (error) => error instanceof GloveboxError && !/[\p{Cc}\p{Cf}]/u.test(error.message),
  )
})

test('every size and duration is read back from its own text', () => {
  const random = randomNumbers(1)
  for (let round = 0; round < 5000; round++) {
    const value = wholeNumber(random, 0, 2 ** 50)
    assert.equal(parseSize(formatSize(value), SOURCE), value)
    assert.equal(parseDuration(formatDuration(value % 1e12), SOURCE), value % 1e12)
  }
})

test('sizes and durations are shown in the unit that people use', () => {
  assert.deepEqual([2 ** 31, 1.5 * 2 ** 30, 10 * 2 ** 20, 1000, 1025, 0].map(formatSize), [
    '2G',
    '1.5G',
    '10M',
    '1000',
    '1025',
    '0',
  ])
  assert.deepEqual([1_800_000, 90_000, 1500, 0, 86_400_000].map(formatDuration), [
    '30m',
    '90s',
    '1500ms',
    '0ms',
    '1d',
  ])
})
