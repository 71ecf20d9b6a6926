import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Comparison } from '../../src/price/comparison-types.ts'
import { code, plain } from '../../src/report/markdown-text.ts'
import { againLines } from '../../src/report/side-by-side/again.ts'
import { comparisonDocument } from '../../src/report/side-by-side/markdown.ts'
import { everyComparison, hostileComparison } from './comparisons.ts'
import { CALLS, measured, NEIGHBOURS, notMeasured, PIPE, priceResult, side } from './prices.ts'
import { BREACHES, examResult, finding, HOSTILE, subject } from './results.ts'

const comparison = everyComparison()
const document = comparisonDocument(comparison)
const hostile = comparisonDocument(hostileComparison())

/** Cells of a row, at the bars that nothing escapes. */
const cellsOf = (row: string): string[] => row.split(/(?<!\\)\|/).slice(1, -1)

/** Rows that stand together, by table. */
const tablesOf = (text: string): string[][] =>
  text
    .split(/\n(?!\|)/)
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter((rows) => rows.length > 0)

for (const [name, text] of [
  ['of proper words', document],
  ['of hostile words', hostile],
] as const)
  test(`a document ${name}: each row of a table has as many cells as its head`, () => {
    const tables = tablesOf(text)
    assert.equal(tables.length, 4, 'assets, kinds of work, measures, neighbours')
    for (const rows of tables) {
      assert.ok(rows.length > 2)
      for (const row of rows) assert.equal(cellsOf(row).length, cellsOf(rows[0] ?? '').length, row)
    }
  })

test('hostile words are words: no markup, link, line or command to a terminal is left of them', () => {
  const prose = hostile.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
  assert.ok(prose.includes('\\<script\\>alert(1)'))
  assert.doesNotMatch(prose, /(?<!\\)[<>`]/)
  assert.doesNotMatch(prose, /(?<!\\)!\[|https?:\/\//)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
  assert.doesNotMatch(hostile, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})

test('no word opens a block, a fence or a link of its own', () => {
  assert.equal(
    plain('a|b `c` <i> *d* _e_ # $x$ @f'),
    'a\\|b \\`c\\` \\<i\\> \\*d\\* \\_e\\_ \\# \\$x\\$ \\@f',
  )
  assert.equal(plain('one\ntwo'), 'one\\\\u{a}two'.replace('{a}', '\\{a\\}'))
  assert.equal(plain('- x'), '\\- x')
  assert.equal(plain('1. x'), '1\\. x')
  assert.equal(plain('-3.5 % of 1.2'), '-3.5 % of 1.2')
  assert.equal(plain('https://a.example www.b.example'), 'https\\://a.example www\\.b.example')
  assert.deepEqual(code(['``` ````']), ['', '`````text', '``` ````', '`````'])
  for (const line of hostile.split('\n')) assert.doesNotMatch(line, /^(=|\d+[.)] |\s*[+] )/)
  assert.ok(hostile.includes(plain(HOSTILE)))
})

test('the head says of which machine, when, by which versions, and how to make it again', () => {
  assert.match(
    document,
    /Debian GNU\/Linux 12 \(bookworm\), Linux 6\.18\.0 x64, Example CPU, as an ordinary user/,
  )
  assert.match(
    document,
    /Glovebox 0\.1\.0; exam 0123456789ab of the whole catalogue, 2026-11-28; price fedcba987654/,
  )
  assert.match(
    document,
    /\n```text\nglovebox compare --foreign bwrap,firejail,false --neighbours --image base /,
  )
})

test('parts that were asked apart are made again apart, with their engines, policy and command', () => {
  const record = { argv: ['glovebox', 'run', '--engine', 'gvisor', '--memory', '1G', '--', '{}'] }
  const one: Comparison = {
    version: 1,
    exam: examResult([subject([finding()], { ...record, engine: 'gvisor' })], { only: ['files'] }),
    price: priceResult(
      [side('gvisor', [], { subject: { ...subject([], record).subject, engine: 'gvisor' } })],
      {
        ...{ quick: true, command: ['ls', 'a b'] },
      },
    ),
  }
  assert.deepEqual(againLines(one, 'x.md'), [
    'glovebox exam --engine gvisor --only files --memory 1G --json > exam.json',
    "glovebox price --engine gvisor --quick --memory 1G --json -- ls 'a b' > price.json",
    'glovebox compare --exam exam.json --price price.json --markdown x.md',
  ])
  const { command: _command, ...price } = one.price
  assert.deepEqual(againLines({ ...one, price }, 'x.md'), [
    'glovebox compare --engine gvisor --only files --quick --memory 1G --markdown x.md',
  ])
})

const identity = finding({
  ...{ probe: 'identity-boot', number: 46, asset: 'identity', verdict: 'breach', title: 'learn the boot-id' },
})
const shared = finding({
  ...{ probe: 'identity-cpu', number: 50, asset: 'identity' },
  verdict: 'breach',
  title: 'learn the model',
})
const held = { verdict: 'held' } as const

/** A container, and a machine that shuts one of its breaches. */
function pair(
  containerNs: number,
  machineNs: number,
  machine = [{ ...identity, ...held }, shared],
): Comparison {
  return {
    version: 1,
    exam: examResult([
      subject([finding(), identity, shared], { name: 'container', engine: 'container' }),
      subject([finding(), ...machine], { name: 'vm', engine: 'vm' }),
    ]),
    price: priceResult([
      side('container', [measured(CALLS, containerNs, 100), notMeasured(PIPE, 'no | pipe')]),
      side('vm', [measured(CALLS, machineNs, 100), measured(PIPE, 50, 100, 0.6)], { emulated: true }),
    ]),
  }
}

test('the answer names what all shut, what machines add, and what nobody shuts', () => {
  const text = comparisonDocument(pair(100, 700))
  assert.match(
    text,
    /Of 2 assets \(what a box is to protect\), 1 is held by container and every virtual machine alike\. Of 2 breaches of container, every virtual machine shuts 1\. The price is 1× the bare host for container, and for a virtual machine: vm \(emulated\) 7×\./,
  )
  assert.match(text, /In files, no attack got through under any of container and vm\./)
  assert.match(
    text,
    /add to container\*\*\. 1 of its 2 breaches did not get through under vm: learn the boot-id\./,
  )
  assert.match(text, /got through under container and vm alike: learn the model \(identity\)/)
  assert.match(text, /\*\*Breaches, counted\*\*\. container 2, vm 1\./)
  const none = comparisonDocument(pair(100, 700, [identity, shared]))
  assert.match(none, /Nothing that the exam saw: of 2 breaches of container, vm shut none/)
})

test('of one engine alone nothing is said of others', () => {
  const { exam, price } = pair(100, 700)
  const text = comparisonDocument({
    version: 1,
    exam: { ...exam, subjects: exam.subjects.slice(0, 1) },
    price,
  })
  assert.match(text, /In files, no attack got through under container\./)
  assert.match(text, /got through under container: learn the boot-id/)
  assert.doesNotMatch(text, /In short|virtual machines add|got through under container.* alike/)
})

test('of nothing it is a document, too', () => {
  const text = comparisonDocument({ version: 1, exam: examResult([]), price: priceResult([]) })
  assert.match(text, /Nobody can say: no engine/)
  assert.match(text, /Nothing was measured\./)
})

test('a changed figure changes the sentence: nothing of the answer stands in the program', () => {
  const text = comparisonDocument(pair(100, 700))
  assert.match(text, /container 1×, vm \(emulated\) 7×\. The mean of 1 ratios/)
  assert.match(text, /cheapest that holds files\*\*\. container, at 1×/)
  const turned = comparisonDocument(pair(900, 300))
  assert.match(turned, /vm \(emulated\) 3×, container 9×/)
  assert.match(turned, /cheapest that holds files\*\*\. vm \(emulated\), at 3×/)
})

test('a dearer one is named for what it holds beyond, and a basic asset that none holds says so', () => {
  const more = pair(100, 700, [
    { ...identity, ...held },
    { ...shared, ...held },
  ])
  assert.match(
    comparisonDocument(more),
    /Who needs identity, too, pays for vm \(emulated\), at 7× the bare host/,
  )
  const { exam } = pair(100, 700)
  const subjects = exam.subjects.map((one) => ({
    ...one,
    findings: [...one.findings, ...BREACHES, finding({ probe: 'net', asset: 'network', verdict: 'breach' })],
  }))
  const text = comparisonDocument({ ...more, exam: { ...exam, subjects } })
  assert.match(text, /cheapest that holds files and network\*\*\. None of those/)
})

test('of what is not measured, unclear or emulated the table says so at the figure', () => {
  const text = comparisonDocument(pair(100, 700))
  assert.match(text, /\| pipe \|.*\| -¹ \| 50\.0 MB\/s, .* \\~, emulated \|/)
  assert.match(text, /- ¹ Not measured: no \\\| pipe\n/)
  const unclear = pair(100, 700)
  const sides = unclear.price.sides.map((one) => ({
    ...one,
    figures: one.figures.map((figure) =>
      figure.state === 'measured'
        ? { ...figure, ratio: { value: 1.1, low: 0.6, high: 1.8, says: 'unclear' as const } }
        : figure,
    ),
  }))
  assert.match(
    comparisonDocument({ ...unclear, price: { ...unclear.price, sides } }),
    /\| 700 ns, unclear \(0\.6 to 1\.8\), emulated \|/,
  )
})

test('neighbours stand beside the figures of 2007, with their source; unasked they are left out', () => {
  assert.match(document, /\| cpu \| .* \| 0 % \/ 0 % \| 0\.01 % \/ 0 % \| 0 % \/ 0 % \|/)
  assert.match(document, /2007: Matthews, .*ExpCS 2007/)
  const { neighbours: _neighbours, ...price } = comparison.price
  const without = comparisonDocument({ ...comparison, price })
  assert.doesNotMatch(without, /neighbour/)
  assert.ok(NEIGHBOURS.sides.length > 0)
})
