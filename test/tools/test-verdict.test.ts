import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const RUNS: readonly [what: string, tests: string, status: number, complaint: RegExp][] = [
  ['a passing test', "test('a', () => undefined)", 0, /^$/],
  ['a failing test', "test('a', () => { throw new Error('planted') })", 1, /1 of 1 tests: failed/],
  [
    'a skipped test',
    "test('a', () => undefined)\ntest.skip('b', () => undefined)",
    1,
    /1 of 2 tests: skipped/,
  ],
  ['a test to be written', "test('a', () => undefined)\ntest.todo('b')", 1, /1 of 2 tests: todo/],
  ['a file that throws', "throw new Error('planted')", 1, /1 of 1 tests: failed/],
]

for (const [what, tests, status, complaint] of RUNS)
  test(`a run of ${what} ends with ${status}`, (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'glovebox-verdict-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'planted.test.mjs')
    writeFileSync(file, `import { test } from 'node:test'\n${tests}`)
    // Without this variable of the runner's, the planted tests would count as this run's own.
    const { NODE_TEST_CONTEXT: _, ...rest } = process.env
    const failures = join(folder, 'failures.txt')
    const env = { ...rest, GLOVEBOX_FAILED_TESTS: failures }
    const runner = join(import.meta.dirname, '../../tools/run-tests.ts')
    const run = spawnSync(process.execPath, [runner, file], { env, encoding: 'utf8' })
    assert.equal(run.status, status, run.stdout)
    assert.match(run.stderr, complaint)
    const told = readFileSync(failures, 'utf8')
    assert.equal(/planted/.test(told), /planted/.test(tests), told)
    assert.match(run.stdout, /tests \d+\n.*\n.*pass \d+/)
  })
