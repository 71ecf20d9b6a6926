import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeCounts } from './test-verdict.ts'

// run-tests [FILE...]: runs the test files, all where none is named, with Node's own runner. Fails where a test
// failed, and also where one was skipped or none ran: neither has shown anything.

const root = join(import.meta.dirname, '..')
const named = process.argv.slice(2)
const files = named.length > 0 ? named : globSync('test/**/*.test.ts', { cwd: root }).sort()
const scratch = mkdtempSync(join(tmpdir(), 'glovebox-tests-'))
const counts = join(scratch, 'counts.json')
/** Told once more by tools/test, at the end of a long output. */
const failures = join(root, 'build', 'failed-tests.txt')
mkdirSync(join(root, 'build'), { recursive: true })
try {
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[
      `--test-reporter=${join(import.meta.dirname, 'test-verdict.ts')}`,
      `--test-reporter-destination=${counts}`,
    ],
    ...[
      `--test-reporter=${join(import.meta.dirname, 'test-failures.ts')}`,
      `--test-reporter-destination=${failures}`,
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
  const complaints = judgeCounts(files.length === 0 ? '' : readFileSync(counts, 'utf8'))
  for (const complaint of complaints) process.stderr.write(`test: ${complaint}\n`)
  process.exitCode = complaints.length > 0 ? 1 : (status ?? 1)
} finally {
  rmSync(scratch, { recursive: true })
}
