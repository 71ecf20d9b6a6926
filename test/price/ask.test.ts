import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AnswerEnd } from '../../src/exam/session.ts'
import { inUnit, NoRun, readRun, runWorkload } from '../../src/price/ask.ts'
import type { Unit } from '../../src/price/result-types.ts'
import { ran, standIn } from './sessions.ts'

const LINE = 'batches 20 ns 5000 check 9223372036854775807'

test('the line of a run is read', () =>
  assert.deepEqual(readRun({ text: `${LINE}\n`, end: 0 }), {
    ...{ batches: 20, nanoseconds: 5000, check: '9223372036854775807' },
  }))

const REFUSED: readonly [name: string, text: string, end: AnswerEnd, why: RegExp][] = [
  ['nothing', '', 0, /^it ended with 0 and said nothing$/],
  ['nothing but its end', '', 137, /^it ended with 137 and said nothing$/],
  ['the line without its end', LINE, 0, /^it failed: batches/],
  ['the line twice', `${LINE}\n${LINE}\n`, 0, /^it failed: batches/],
  ['something before the line', `hello\n${LINE}\n`, 0, /^it failed: batches/],
  ['something behind the line', `${LINE}\nhello\n`, 0, /^it failed: hello$/],
  ['an empty line behind the line', `${LINE}\n\n`, 0, /^it failed: batches/],
  ['no batches', 'batches 0 ns 5000 check 1\n', 0, /^it failed: batches 0/],
  ['no time', 'batches 20 ns 0 check 1\n', 0, /^it failed: batches 20/],
  ['a time before it began', 'batches 20 ns -5 check 1\n', 0, /^it failed: batches 20/],
  ['parts of a batch', 'batches 2.5 ns 5000 check 1\n', 0, /^it failed: batches 2/],
  ['a power of ten', 'batches 2e3 ns 5000 check 1\n', 0, /^it failed: batches 2e3/],
  ['a number of 11 digits', 'batches 12345678901 ns 5000 check 1\n', 0, /^it failed: batches/],
  ['digits of another script', 'batches ٢ ns 5000 check 1\n', 0, /^it failed: batches/],
  ['a checksum that is none', 'batches 20 ns 5000 check ok\n', 0, /^it failed: batches 20/],
  ['no checksum', 'batches 20 ns 5000\n', 0, /^it failed: batches 20/],
  ['other words', 'rounds 20 ns 5000 check 1\n', 0, /^it failed: rounds 20/],
  ['more blanks', 'batches  20 ns 5000 check 1\n', 0, /^it failed: batches/],
  ['the line, but ends with 1', `${LINE}\n`, 1, /^it failed: batches/],
  ['the line, but not in time', `${LINE}\n`, 'timeout', /^it did not end within 60 s$/],
  ['the line, and is gone', `${LINE}\n`, 'lost', /^its box has ended$/],
  ['an error of the system', 'errno 28 No space left on device\n', 1, /^it failed: No space left on device$/],
  ['unequal batches', 'batch 2 did 5, those before it 7\n', 1, /^it failed: batch 2 did 5/],
]
for (const [name, text, end, why] of REFUSED)
  test(`a run that says ${name} is refused`, () =>
    assert.throws(
      () => readRun({ text, end }),
      (error) => {
        assert.ok(error instanceof NoRun)
        assert.match(error.message, why)
        return true
      },
    ))

const FLOODS: readonly [name: string, text: string][] = [
  ['digits', `batches ${'9'.repeat(500_000)} ns 1 check 1\n`],
  ['one long line', 'x'.repeat(500_000)],
  ['an endless error', `errno 5 ${'x'.repeat(500_000)}\n`],
  ['lines', `${LINE}\n`.repeat(10_000)],
]
for (const [name, text] of FLOODS)
  test(`a flood of ${name} is refused in a short sentence`, () =>
    assert.throws(
      () => readRun({ text, end: 0 }),
      (error) => {
        assert.ok(error instanceof NoRun)
        assert.ok(error.message.length < 250, String(error.message.length))
        return true
      },
    ))

const UNITS: readonly [
  unit: Unit,
  perBatch: number,
  batches: number,
  nanoseconds: number,
  expected: number,
][] = [
  ['ns', 1, 1, 1500, 1500],
  ['ns', 1000, 2, 1_000_000, 500],
  ['us', 1, 1, 1500, 1.5],
  ['us', 10, 5, 1_000_000, 20],
  ['ms', 1, 4, 10_000_000, 2.5],
  ['MB/s', 1_000_000, 3, 3_000_000_000, 1], // 3 MB in 3 s
  ['MB/s', 4, 1, 2, 2000],
  ['1/s', 1, 50, 1_000_000_000, 50],
  ['1/s', 2, 50, 500_000_000, 200],
]
for (const [unit, perBatch, batches, nanoseconds, expected] of UNITS)
  test(`${batches} batches of ${perBatch} in ${nanoseconds} ns are ${expected} ${unit}`, () =>
    assert.equal(inUnit({ unit, perBatch }, { batches, nanoseconds, check: '1' }), expected))

describe('a workload', () => {
  const asked: (readonly [verb: string, words: readonly string[], timeoutMs: number | undefined])[] = []
  const session = standIn((verb, words, { timeoutMs }) => {
    asked.push([verb, words, timeoutMs])
    return ran()
  })

  test('is asked for with its milliseconds, and its places filled', async () => {
    const server = { address: '10.0.2.2', port: 4711 }
    await runWorkload(session, { words: ['price-x', '{}', '{address}', '{port}', 'as it is'] }, 25, {
      ...{ folder: '/tmp', server },
    })
    assert.deepEqual(asked.pop(), ['price-x', ['25', '/tmp', '10.0.2.2', '4711', 'as it is'], 60_025])
  })

  test('that says to have run for less than it was asked for is refused', async () => {
    const liar = standIn(() => ran(7, 24_999_999, 9_999_999_999))
    await assert.rejects(runWorkload(liar, { words: ['price-x'] }, 25, { folder: '' }), {
      ...{ name: 'NoRun', message: 'it says to have run for 24999999 ns, and was asked for 25 ms' },
    })
    const honest = standIn(() => ran(7, 25_000_000))
    const { nanoseconds } = await runWorkload(honest, { words: ['price-x'] }, 25, { folder: '' })
    assert.equal(nanoseconds, 25_000_000)
  })

  test('that needs a network is not asked for where there is none', async () => {
    for (const word of ['{address}', '{port}'])
      await assert.rejects(runWorkload(session, { words: ['price-x', word] }, 25, { folder: '/tmp' }), {
        ...{ name: 'NoRun', message: 'it has no network' },
      })
    assert.deepEqual(asked, [])
  })
})
