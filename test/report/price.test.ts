import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PriceResult } from '../../src/price/result-types.ts'
import { summarize } from '../../src/price/statistics.ts'
import { neighboursReport } from '../../src/report/neighbours.ts'
import { priceReport } from '../../src/report/price.ts'
import { amount } from '../../src/report/price-words.ts'
import { PLAIN } from '../../src/report/wrap.ts'
import {
  CALLS,
  everyPrice,
  MEMORY,
  measured,
  NEIGHBOURS,
  notMeasured,
  PIPE,
  priceResult,
  side,
} from './prices.ts'
import { HOSTILE } from './results.ts'

const report = (result: PriceResult, width = 100): string => priceReport(result, { ...PLAIN, width })
/** The row of a metric by its title, with what stands below it. */
function row(text: string, title: string): string {
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.startsWith(`    ${title}`))
  return lines.slice(at, at + 2).join('\n')
}

test('each figure stands in its columns beside the bare host’s, under its group', () => {
  const figures = [measured(MEMORY, 11.5), measured(CALLS, 240, 60), measured(PIPE, 500, 1000)]
  const lines = report(priceResult([side('container', figures)])).split('\n')
  assert.match(lines[0] ?? '', /^container: [\d.]+ times the bare host as a whole$/)
  const from = lines.indexOf('  Memory')
  assert.deepEqual(
    lines.slice(from, from + 6).map((line) => line.replaceAll(/\d\.\d\d to \d\.\d\d/g, 'LOW to HIGH')),
    [
      '  Memory',
      '    memory of an idle box          11.5 MB                                  10 runs',
      '',
      '  Kernel',
      '    system call                     240 ns   60.0 ns   4.00×  LOW to HIGH  10 runs',
      '    pipe                          500 MB/s 1000 MB/s   2.00×  LOW to HIGH  10 runs',
    ],
  )
})

test('differences within the noise are called equal', () => {
  const text = report(priceResult([side('vm', [measured(CALLS, 100.5, 100)])]))
  assert.match(row(text, 'system call'), / equal +1\.00 to 1\.01 /)
})

test('a noisy figure is marked, and a sure one is not', () => {
  const result = priceResult([side('uml', [measured(CALLS, 240, 60, 0.3), measured(PIPE, 500, 1000)])])
  const text = report(result)
  assert.match(row(text, 'system call').split('\n')[0] ?? '', /10 runs, noisy$/)
  assert.match(row(text, 'pipe').split('\n')[0] ?? '', /10 runs$/)
})

test('that the processor is emulated is said at each figure, and of no other side', () => {
  const figures = [measured(MEMORY, 11.5), measured(CALLS, 240, 60, 0.3), measured(PIPE, 500, 1000)]
  const emulated = report(priceResult([side('vm', figures, { emulated: true })]))
  assert.match(emulated, /^vm: .*, its processor emulated$/m)
  assert.equal(emulated.match(/10 runs(?:, noisy)?, emulated$/gm)?.length, figures.length)
  assert.doesNotMatch(report(priceResult([side('gvisor', figures)])), /emulated/)
})

test('what is not measured is told with its reason, and has no row', () => {
  const figures = [notMeasured(CALLS, 'it failed: Function not implemented'), measured(PIPE, 500, 1000)]
  const text = report(priceResult([side('gvisor', figures)]))
  assert.match(text, /^ {2}Not measured\n {4}system call: it failed: Function not implemented$/m)
  assert.equal(text.match(/system call/g)?.length, 1)
  assert.doesNotMatch(report(priceResult([side('gvisor', [measured(PIPE, 5, 5)])])), /Not measured/)
})

test('a side of which nothing was measured has no cost as a whole', () => {
  const [first] = report(priceResult([side('vm', [notMeasured(CALLS, 'no /dev/kvm')])])).split('\n')
  assert.equal(first, 'vm')
})

test('one run is one run', () => {
  const one = { ...measured(CALLS, 240, 60), box: summarize([240]) }
  const result = priceResult([side('uml', [one])])
  assert.match(report(result), / 1 run$/m)
  assert.doesNotMatch(report(result), /\b1 runs/)
})

test('no line is wider than the terminal, at any width', () => {
  const sides = everyPrice().sides.map((one) => ({
    ...one,
    warnings: ['Other programs kept 1.7 processors busy beside it: measure again when the machine is idle.'],
    subject: { ...one.subject, notes: ['a note '.repeat(30)] },
  }))
  for (const width of [40, 60, 80, 100, 120]) {
    const text = report({ ...everyPrice(), sides, quick: true }, width)
    // What neighbours say has a test of its own, from 60 columns on.
    const lines = (width < 60 ? text.slice(0, text.indexOf('Neighbours:')) : text).split('\n')
    for (const line of lines) {
      assert.ok(line.length <= width, `${line.length} in ${width}: ${line}`)
      assert.equal(line.trimEnd(), line, 'no blanks at the end')
    }
  }
})

test('at 80 columns the runs stand below their row, at 120 behind it', () => {
  const result = priceResult([side('vm', [measured(CALLS, 240, 60, 0.3)], { emulated: true })])
  assert.match(row(report(result, 80), 'system call'), /60\.0 ns.* to [\d.]+\n {6}10 runs, noisy, emulated$/)
  assert.match(row(report(result, 120), 'system call'), / to [\d.]+ {2}10 runs, noisy, emulated\n/)
  assert.match(row(report(result, 40), 'system call'), /^ {4}system call\n {6}240 ns, 60\.0 ns, 4\.00×/)
})

test('what a box or a file said cannot speak to the terminal', () => {
  const hostile = side('uml', [notMeasured(CALLS, HOSTILE), measured(PIPE, 5, 10)], { warnings: [HOSTILE] })
  const subject = { ...hostile.subject, tools: [HOSTILE], notes: [HOSTILE] }
  const host = { ...priceResult([]).host, cpu: HOSTILE, distribution: HOSTILE }
  const metrics = [CALLS, PIPE].map((metric) => ({ ...metric, title: HOSTILE }))
  for (const width of [80, 120]) {
    const text = report(priceResult([{ ...hostile, subject }], { host, metrics }), width)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    const unfolded = text.replaceAll(/\s/g, '')
    assert.equal(unfolded.match(/<script>alert\(1\).*?gnp\.exe/g)?.length, 8, 'all of it is there')
    for (const line of text.split('\n')) assert.ok(line.length <= width, `${line.length}: ${line}`)
  }
})

test('what neighbours did follows behind all sides, where it was measured', () => {
  const sides = [side('container', [measured(CALLS, 240, 60)])]
  const text = report(priceResult(sides, { neighbours: NEIGHBOURS }))
  const own = neighboursReport(NEIGHBOURS, PLAIN)
  assert.ok(text.includes(`\n\n${own}\n\nColumns: `))
  assert.ok(text.indexOf('system call') < text.indexOf(own))
  assert.doesNotMatch(report(priceResult(sides)), /Neighbours/)
})

test('that runs were few is said, and the columns, the machine and the name of the price', () => {
  const sides = [side('container', [])]
  const flat = (quick: boolean): string => report(priceResult(sides, { quick })).replaceAll('\n', ' ')
  assert.match(flat(true), /--quick\): intervals are wide/)
  assert.doesNotMatch(flat(false), /--quick/)
  assert.match(flat(false), /Columns: in the box, on the bare host .* price fedcba987654\.$/)
})

const AMOUNTS: readonly (readonly [...Parameters<typeof amount>, string])[] = [
  [1.234, 'ns', '1.23 ns'],
  [0.5, 'ns', '0.50 ns'],
  [1234, 'ns', '1.23 µs'],
  [1234.5, 'us', '1.23 ms'],
  [0.0123, 'ms', '12.3 µs'],
  [61_000, 'ms', '61.0 s'],
  [0, 'ms', '0.00 ms'],
  [1234, 'MB', '1234 MB'],
  [5, 'MB/s', '5.00 MB/s'],
  [250, '1/s', '250 a second'],
]
for (const [value, unit, words] of AMOUNTS)
  test(`${value} ${unit} is ${words}`, () => assert.equal(amount(value, unit), words))
