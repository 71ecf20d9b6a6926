import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matches, readCommands, readFences } from './commands.ts'

const document = (...lines: string[]): string => lines.join('\n')

test('commands are the lines of sh blocks and those behind "$ " in console blocks, in order', () => {
  const text = document(
    'Text with `sh`.',
    '```sh',
    '# a comment',
    'first',
    'second \\',
    '  --further',
    "cat > f <<'END'",
    'a: b',
    'END',
    'third   # exits with 124',
    '```',
    '```console',
    '$ fourth',
    'out',
    '…',
    '$ fifth',
    '```',
    '```yaml',
    'no: command',
    '```',
    '```sh no-run: it takes hours',
    'never',
    '```',
  )
  assert.deepEqual(
    readCommands(text).map((one) => [one.line, one.text, one.exitCode, one.output]),
    [
      [4, 'first', 0, undefined],
      [5, 'second \\\n  --further', 0, undefined],
      [7, "cat > f <<'END'\na: b\nEND", 0, undefined],
      [10, 'third   # exits with 124', 124, undefined],
      [13, 'fourth', 0, ['out', '…']],
      [16, 'fifth', 0, []],
    ],
  )
})

test('a block that could hide a command is an error', () => {
  for (const block of [
    ['```', 'x', '```'],
    ['```sh', 'x'],
    ['```bash', 'x', '```'],
    ['```sh no-run', 'x', '```'],
    ['```console', 'x', '```'],
    ['```sh', 'x \\', '```'],
  ])
    assert.throws(() => readCommands(document(...block)), block.join(' '))
  assert.equal(readFences('```text\nx\n```').length, 1)
})

test('what is shown matches what was printed, with … for what varies', () => {
  const claims: readonly [shown: readonly string[], printed: string, boolean][] = [
    [['HELLO'], 'HELLO\n', true],
    [['HELLO'], 'HELLO', true],
    [['HELLO'], 'HELLO\nmore\n', false],
    [['HELLO'], 'XHELLO\n', false],
    [[], '', true],
    [[], 'x\n', false],
    [['Linux box … x86_64'], 'Linux box 6.1 #1 x86_64\n', true],
    [['a', '…', 'd'], 'a\nb\nc\nd\n', true],
    [['a', '…', 'd'], 'a\nd\n', true],
    [['a', '…'], 'a\nb\n', true],
    [['a', '…', 'd'], 'a\nb\n', false],
    [['1.5 (x)'], '1x5 (x)\n', false],
  ]
  for (const [shown, printed, expected] of claims)
    assert.equal(matches(shown, printed), expected, JSON.stringify([shown, printed]))
})
