import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge } from './test-verdict.ts'

// run-tests [FILE...]: runs the test files, all where none is named, with Node's own runner. Fails where a test
// failed, and also where one was skipped or none ran: neither has shown anything.

const root = join(import.meta.dirname, '..')
const named = process.argv.slice(2)
const files = named.length > 0 ? named : globSync('test/**/*.test.ts', { cwd: root }).sort()
const scratch = mkdtempSync(join(tmpdir(), 'glovebox-tests-'))
const verdict = join(scratch, 'verdict.jsonl')
/** Where tools/test wants to read once more what has failed, at the end of a long output. */
const failed = process.env['GLOVEBOX_FAILED_TESTS']
try {
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[
      `--test-reporter=${join(import.meta.dirname, 'test-verdict.ts')}`,
      `--test-reporter-destination=${verdict}`,
    ],
  ]
  // No file needs that long: one that never ends, such as by a box left running, fails instead of stalling the rest.
  const deadline = '--test-timeout=900000'
  const words = ['--test', '--test-concurrency=2', deadline, ...reporters, ...files]
  // Without files Node would look for tests by itself.
  const status =
    files.length === 0
      ? 1
      : spawnSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status
  const { complaints, failures } = judge(files.length === 0 ? '' : readFileSync(verdict, 'utf8'))
  if (failed !== undefined) writeFileSync(failed, failures.map((failure) => `${failure}\n\n`).join(''))
  for (const complaint of complaints) process.stderr.write(`test: ${complaint}\n`)
  process.exitCode = complaints.length > 0 ? 1 : (status ?? 1)
} finally {
  rmSync(scratch, { recursive: true })
}
