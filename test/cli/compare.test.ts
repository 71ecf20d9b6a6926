import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseComparison } from '../../src/price/comparison-schema.ts'
import { everyComparison } from '../report/comparisons.ts'
import { LAUNCHER } from '../support/base-box.ts'

const folder = mkdtempSync(join(tmpdir(), 'glovebox-compare-'))
after(() => rmSync(folder, { recursive: true }))
const comparison = everyComparison()
writeFileSync(join(folder, 'exam.json'), JSON.stringify(comparison.exam))
writeFileSync(join(folder, 'price.json'), JSON.stringify(comparison.price))
writeFileSync(join(folder, 'known.html'), JSON.stringify(comparison.exam))
for (const name of ['folder.html', 'beside.json']) mkdirSync(join(folder, name))

function compare(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, ['compare', ...words], {
    ...{ cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
  })
  return { code: status, out: stdout, err: stderr }
}
const KNOWN = ['--exam', 'exam.json', '--price', 'price.json']

test('of what is known it makes the table, the page, and the JSON beside it', () => {
  const { code, out, err } = compare(...KNOWN, '-o', 'report.html')
  assert.equal(code, 0, err)
  assert.match(out, /What it gives[\s\S]*What it costs/)
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/)
  const beside = readFileSync(join(folder, 'report.json'), 'utf8')
  assert.deepEqual(parseComparison(beside, 'report.json'), comparison)
})

test('--markdown writes the document beside what is printed', () => {
  const { code, out, err } = compare(...KNOWN, '--markdown', 'answer.md')
  assert.equal(code, 0, err)
  assert.match(out, /What it gives/)
  assert.match(readFileSync(join(folder, 'answer.md'), 'utf8'), /^# Price and benefit[\s\S]*## The answer/)
})

test('--json prints what is published by the schema, and nothing else', () => {
  const { code, out, err } = compare(...KNOWN, '--json')
  assert.equal(code, 0, err)
  assert.deepEqual(parseComparison(out, 'it'), comparison)
})

const REFUSED: readonly [words: readonly string[], code: RegExp][] = [
  [['--exam', 'exam.json', '--foreign', 'bwrap'], /--foreign and --only say what is to be examined/],
  [['--price', 'price.json', '--quick'], /--quick says how to measure/],
  [[...KNOWN, '--engine', 'vm'], /no box is started/],
  [[...KNOWN, '--memory', '1G'], /no box is started/],
  [[...KNOWN, '-o', 'report.txt'], /does not end in \.html/],
  [[...KNOWN, '-o', 'none/report.html'], /there is no folder none/],
  [[...KNOWN, '-o', 'exam.html'], /exam\.json, which goes with the page: the same file is read/],
  [['--quick', '-o', 'folder.html'], /page folder\.html: it is a folder/],
  [['--quick', '-o', 'beside.html'], /beside\.json, which goes with the page: it is a folder/],
  [['--exam', 'known.html', '--price', 'price.json', '-o', './known.html'], /the same file is read/],
  [['--quick', '--markdown', ''], /Cannot write the document: it has no name/],
  [['--price', 'price.json', '--neighbours'], /--neighbours says what to measure, too/],
  [
    ['--quick', '--markdown', 'none/answer.md'],
    /Cannot write the document none\/answer\.md: there is no folder none/,
  ],
  [['--quick', '--markdown', '.'], /it is a folder/],
  [[...KNOWN, '--markdown', './exam.json'], /the same file is read, or written as well/],
  [
    [...KNOWN, '-o', 'exam.page.html', '--markdown', 'exam.page.json'],
    /the same file is read, or written as well/,
  ],
  [['--exam', 'none.json', '--price', 'price.json'], /Cannot read none\.json/],
  [['--exam', 'price.json', '--price', 'price.json'], /Cannot read price\.json as the result of an exam/],
  [['--exam', 'exam.json', '--price', 'exam.json'], /Cannot read exam\.json as the result of a price/],
]
for (const [words, why] of REFUSED)
  test(`it is refused at once: ${words.join(' ')}`, () => {
    const { code, out, err } = compare(...words)
    assert.equal(code, 2)
    assert.match(err, why)
    assert.equal(out, '')
    assert.equal(existsSync(join(folder, 'exam.html')), false)
  })
