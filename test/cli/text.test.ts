import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCopyWord, splitGet, splitPut } from '../../src/cli/box-paths.ts'
import { safeJson, tableLines } from '../../src/cli/print.ts'
import { plainLine, terminalLine, withProgress } from '../../src/cli/progress.ts'
import { errorData, errorText, exitCodeOf } from '../../src/cli/report-error.ts'
import { ageInWords, bytesInWords, wrap } from '../../src/cli/text.ts'
import { GloveboxError } from '../../src/errors.ts'

test('a table is as wide as its cells, and no wider than the terminal', () => {
  const lines = tableLines(
    ['NAME', 'COMMAND'],
    [
      ['a-long-name', 'x'.repeat(50)],
      ['b', ''],
    ],
    30,
  )
  assert.equal(lines[0], 'NAME         COMMAND')
  assert.equal(lines[1]?.length, 30)
  assert.ok(lines[1]?.endsWith('…'))
  assert.equal(lines[2], 'b')
})

const HOSTILE = 'a\u001b[2Jb\u009bc\u202ed\ne'

test('what comes from boxes and images cannot command the terminal', () => {
  const shown = [
    ...tableLines(['X', 'Y'], [[HOSTILE, HOSTILE]]),
    errorText(new Error(HOSTILE), false).replaceAll('\n', ''),
    terminalLine({ step: HOSTILE, detail: HOSTILE }, '*', 500),
    plainLine({ step: HOSTILE, detail: HOSTILE }),
    safeJson({ x: HOSTILE }).replaceAll('\n', ''),
  ]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  for (const line of shown) assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/)
})

test('JSON for programs is what went in', () => {
  assert.deepEqual(JSON.parse(safeJson({ x: HOSTILE })), { x: HOSTILE })
})

test('progress fits its line, with a bar where the end is known', () => {
  assert.ok(terminalLine({ step: 'Fetch', done: 5, total: 10, detail: 'y'.repeat(200) }, '*', 60).length < 60)
  assert.match(terminalLine({ step: 'Fetch', done: 5, total: 10 }, '*', 80), /\[█{12}·{12}\] 50 %/)
  assert.match(terminalLine({ step: 'Fetch', done: 2 ** 20 }, '*', 80), /1\.00 MiB/)
  assert.equal(plainLine({ step: 'Fetch', done: 12, total: 10, detail: 'x' }), 'Fetch: x 100 %')
})

test('errors say what, why and what to do; their audience is their exit code', () => {
  const parts = { code: 'X', message: 'Cannot x: y.', remedy: 'do z' }
  const usage = new GloveboxError({ ...parts, audience: 'usage' })
  assert.equal(errorText(usage, false), 'glovebox: Cannot x: y.\n  → do z\n')
  assert.equal(exitCodeOf(usage), 2)
  assert.equal(exitCodeOf(new GloveboxError({ ...parts, audience: 'host' })), 1)
  assert.equal(exitCodeOf(new DOMException('x', 'AbortError')), 130)
  assert.match(errorText(new TypeError('oops'), false), /Glovebox itself failed: oops\n {2}→ Please report/)
  assert.equal(errorData(new TypeError('oops'))['code'], 'INTERNAL')
})

test('sizes and ages are short', () => {
  assert.deepEqual([0, 999, 1000, 126_651_392, 2 ** 40].map(bytesInWords), [
    '0 B',
    '999 B',
    '0.98 KiB',
    '121 MiB',
    '1.00 TiB',
  ])
  const now = new Date(1e12)
  const ages = [5, 100, 7200, 200_000].map((seconds) => ageInWords(new Date(1e12 - seconds * 1000), now))
  assert.deepEqual(ages, ['5 s', '2 min', '2 h', '2 d'])
  assert.equal(ageInWords(new Date(2e12), now), '0 s')
})

test('paragraphs are wrapped, indented lines are not', () => {
  assert.equal(wrap('aa bb cc\n\n  dd ee ff gg', 5), 'aa bb\ncc\n\n  dd ee ff gg')
})

test('paths of boxes and of this machine are told apart', () => {
  assert.deepEqual(splitPut('a:b.html:/work/'), { source: 'a:b.html', destination: '/work/' })
  assert.deepEqual(splitGet('/work/a:b'), { source: '/work/a', destination: 'b' })
  for (const bad of ['x', 'x:', ':x', ':']) assert.throws(() => splitPut(bad), { code: 'BAD_PAIR' })
  assert.deepEqual(parseCopyWord('web:/a:b'), { box: 'web', path: '/a:b' })
  for (const path of ['./a:b', '/x', 'x', '-:x', 'web:'])
    assert.deepEqual(parseCopyWord(path), { box: undefined, path })
})

test('progress that has nothing to show does not open standard error, which takes 10 ms of a start', async (context) => {
  const own = Object.getOwnPropertyDescriptor(process, 'stderr') ?? {}
  let opened = 0
  Object.defineProperty(process, 'stderr', {
    configurable: true,
    get: () => {
      opened++
      return { isTTY: false, write: () => true }
    },
  })
  context.after(() => Object.defineProperty(process, 'stderr', own))
  assert.equal(await withProgress(async () => 'done'), 'done')
  assert.equal(opened, 0)
  await withProgress(async (onProgress) => onProgress({ step: 'a step' }))
  assert.ok(opened > 0, 'control')
})
