import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMPLETION_FILES, writeCompletion } from '../../tools/completions.ts'

const script = writeCompletion('bash')

/** What bash offers for the last of the words. */
function offers(...words: string[]): string[] {
  const program = `${script}
glovebox() { echo '    "name": "browser",'; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_glovebox
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', program, 'bash', ...words], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
  assert.equal(stderr, '')
  return stdout.split('\n').filter((word) => word !== '')
}

const cases: readonly [claim: string, words: string[], offered: string[]][] = [
  ['commands', ['glovebox', 'do'], ['doctor']],
  ['second words', ['glovebox', 'image', 're'], ['remove']],
  ['options', ['glovebox', 'run', '--mem'], ['--memory']],
  ['options of a command of two words', ['glovebox', 'image', 'build', '--no'], ['--no-cache']],
  ['names that an option takes', ['glovebox', 'run', '--engine', 'g'], ['gvisor']],
  ['contraries', ['glovebox', 'exec', '--no'], ['--no-tty']],
  ['images that there are', ['glovebox', 'run', '--image', 'b'], ['browser']],
  ['images as words', ['glovebox', 'image', 'show', ''], ['browser']],
  ['nothing behind a value that cannot be known', ['glovebox', 'run', '--memory', ''], []],
]
for (const [claim, words, offered] of cases)
  test(`bash completes ${claim}`, () => assert.deepEqual(offers(...words), offered))

test('behind two dashes no option of ours is offered', () => {
  assert.deepEqual(offers('glovebox', 'run', '--', '--mem'), [])
})

test('fish offers files only where an option takes one', () => {
  const values = writeCompletion('fish')
    .split('\n')
    .filter((line) => / -[rx]( |$)/.test(line))
  assert.ok(values.length > 20)
  for (const line of values) assert.equal(/ -r /.test(line), / -F$/.test(line), line)
})

for (const { shell, file } of COMPLETION_FILES)
  test(`the published completions for ${shell} are what the commands say`, () => {
    assert.equal(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'), writeCompletion(shell))
  })
