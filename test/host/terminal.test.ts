import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isTerminal } from '../../src/host/terminal.ts'

const MODULE = join(import.meta.dirname, '../../src/host/terminal.ts')
const SCRIPT = `import { isTerminal } from ${JSON.stringify(MODULE)}
  import { writeSync } from 'node:fs'
  writeSync(2, 'told ' + [0, 1].map(isTerminal) + ' loaded ' + process.moduleLoadList.includes('NativeModule tty'))`
const node = [process.execPath, '--input-type=module', '-e', SCRIPT]

test('a pseudo-terminal is a terminal, and nothing is loaded to see it', () => {
  // script(1) runs a command line by a shell: nothing in it but the words of this file.
  const line = node.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const { stdout } = spawnSync('script', ['--quiet', '--command', line, '/dev/null'], { encoding: 'utf8' })
  assert.match(stdout, /told true,true loaded false/)
})

for (const stdin of ['pipe', 'ignore', openSync(tmpdir(), 'r')] as const)
  test(`${stdin === 'pipe' ? 'a pipe' : stdin === 'ignore' ? '/dev/null' : 'a folder'} is none`, () => {
    const [program = '', ...words] = node
    const { stderr } = spawnSync(program, words, { stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' })
    assert.match(stderr, /told false,false loaded false/)
  })

test('a closed descriptor is none', () => assert.equal(isTerminal(10_000), false))
