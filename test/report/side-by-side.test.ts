import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gridBlocks } from '../../src/report/side-by-side/grid.ts'
import { Notes } from '../../src/report/side-by-side/notes.ts'
import { amount, times } from '../../src/report/side-by-side/numbers.ts'
import { comparisonPage } from '../../src/report/side-by-side/page.ts'
import { differencesOf, technologiesOf } from '../../src/report/side-by-side/technologies.ts'
import { comparisonTable } from '../../src/report/side-by-side/terminal.ts'
import { PLAIN } from '../../src/report/wrap.ts'
import { everyComparison, hostileComparison } from './comparisons.ts'
import { everyPrice, priceResult, side } from './prices.ts'
import { examResult, finding, foreign, subject } from './results.ts'

const at = (width: number, comparison = everyComparison()): string =>
  comparisonTable(comparison, { ...PLAIN, width })
const rowOf = (text: string, label: string): string =>
  text.split('\n').find((line) => line.startsWith(`${label} `)) ?? ''

for (const width of [60, 80, 120])
  test(`nothing is wider than a terminal of ${width} columns`, () => {
    for (const line of at(width).split('\n')) assert.ok([...line].length <= width, line)
  })

test('assets and verdicts stand above, the price below, a column for each technology', () => {
  const text = at(120)
  assert.match(text, /container +gvisor +uml +microvm +vm\n/)
  assert.match(rowOf(text, 'terminal'), /^terminal +✗1 +not asked/)
  assert.match(rowOf(text, 'network'), /○1 \?2/)
  assert.ok(text.indexOf('What it gives') < text.indexOf('What it costs'))
  assert.match(rowOf(text, 'assets that hold'), / 1 of 5 /)
})

test('what is within the noise is called equal, and what is not has its ratio', () => {
  const row = rowOf(at(120), 'system call, ns')
  assert.match(row, /^system call, ns +121 = +171 1\.41× /)
})

test('each figure of an emulated processor says so, and none of another', () => {
  const text = at(300)
  for (const label of ['mean of shared ratios', 'memory of an idle box, MB', 'system call, ns', 'pipe, MB/s'])
    assert.equal(rowOf(text, label).match(/ emu/g)?.length, 2, label)
  assert.match(text, /^emu: its processor is emulated in software here/m)
  const real = { ...everyPrice(), sides: everyPrice().sides.slice(0, 2) }
  assert.doesNotMatch(at(300, everyComparison(real)), /emu/)
})

test('what has no figure is not measured, for a reason that stands below', () => {
  const text = at(300)
  const mark = /not measured(\S)/.exec(rowOf(text, 'network round trip, us'))?.[1]
  assert.match(text, new RegExp(`^${mark} this engine has no network that a server`, 'm'))
  assert.match(text, /^\S only engines of Glovebox are measured$/m)
  assert.match(rowOf(text, 'mean of shared ratios'), /not measured\S +not measured\S +not measured\S$/)
})

test('a sandbox that never started has no benefit', () => {
  const text = at(300)
  assert.match(text, /^false +Nobody can say: it never started: it ended$/m)
  assert.match(rowOf(text, 'assets that hold'), /unknown¹$/)
})

test('no percentage is made of verdicts', () => assert.doesNotMatch(at(300), /\d ?%/))

test('hostile words do nothing to a terminal', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  assert.doesNotMatch(at(120, hostileComparison()), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test('nothing to compare is no failure', () => {
  const text = at(200, { version: 1, exam: examResult([]), price: priceResult([]) })
  assert.match(text, /exam 0123456789ab, price fedcba987654/)
})

test('an exam and a price find each other by the engine; what has only one of them is there, too', () => {
  const exam = examResult([subject([finding()]), foreign('bwrap', [finding()])])
  const price = priceResult([side('vm', []), side('container', [])])
  const found = technologiesOf({ version: 1, exam, price }).map((one) => [
    one.name,
    one.exam !== undefined,
    one.price !== undefined,
  ])
  assert.deepEqual(found, [
    ['container', true, true],
    ['bwrap', true, false],
    ['vm', false, true],
  ])
})

test('another sandbox is never given the price of an engine that has its name', () => {
  const exam = examResult([foreign('container', [finding()])])
  const [first] = technologiesOf({ version: 1, exam, price: priceResult([side('container', [])]) })
  assert.equal(first?.price, undefined)
})

test('an exam and a price of different things are told to be so', () => {
  const comparison = everyComparison()
  assert.deepEqual(differencesOf(comparison), [])
  const { exam, price } = comparison
  const apart = differencesOf({
    version: 1,
    exam: { ...exam, host: { ...exam.host, kernel: '5.4.0' }, glovebox: '0.0.9' },
    price: {
      ...price,
      sides: price.sides.map((one) => ({ ...one, subject: { ...one.subject, tools: ['crun 2'] } })),
    },
  })
  assert.match(apart.join('\n'), /different machines or users: kernel 5\.4\.0 and 6\.18\.0\./)
  assert.match(apart.join('\n'), /Glovebox 0\.0\.9, the price of 0\.1\.0/)
  assert.match(apart.join('\n'), /the same set of tools: container, gvisor, uml, microvm, vm\./)
})

test('numbers have no more digits than a measurement bears', () => {
  const said = [1234567, 1234.5, 123.45, 12.345, 1.2345, 0.012345, 0].map(amount)
  assert.deepEqual(said, ['1,230,000', '1,230', '123', '12.3', '1.23', '0.0123', '0'])
  assert.deepEqual([1, 4.208, 152.3].map(times), ['1×', '4.21×', '152×'])
})

test('the same words have one mark, and the tenth has two digits', () => {
  const notes = new Notes()
  const marks = [...'abcdefghij', 'a'].map((words) => notes.mark(words))
  assert.equal(marks.join(' '), '¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹ ¹⁰ ¹')
  assert.equal(notes.all.length, 10)
})

test('a block leaves out rows that say nothing of its columns', () => {
  const rows = [
    { label: 'one', cells: [{ text: 'x'.repeat(30) }, { text: 'none', absent: true as const }] },
    { label: 'two', cells: [{ text: 'a' }, { text: 'b' }] },
  ]
  const blocks = gridBlocks(['A', 'B'], rows, { ...PLAIN, width: 40 })
  assert.deepEqual(blocks[1], ['     B', 'two  b'])
})

test('a ratio of which nobody can say is not called equal, in a terminal or on a page', () => {
  const { exam, price } = everyComparison()
  const unclear = { value: 1.2, low: 0.6, high: 1.8, says: 'unclear' } as const
  const sides = price.sides.map((side) => ({
    ...side,
    figures: side.figures.map((one) =>
      one.state === 'measured' && one.metric === 'calls' ? { ...one, ratio: unclear } : one,
    ),
  }))
  const comparison = { version: 1, exam, price: { ...price, sides } } as const
  assert.match(rowOf(at(120, comparison), 'system call, ns'), /^system call, ns +121 1\.2×\? +171 1\.2×\? /)
  assert.match(
    comparisonPage(comparison, []),
    /class="bar unclear"[\s\S]*?<b>unclear<\/b>[\s\S]*?0\.6×–1\.8×/,
  )
})
