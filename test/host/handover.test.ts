import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { compileProgram } from '../../src/host/compile.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'glovebox-handover-'))
const MODULE = JSON.stringify(join(root, 'src/host/handover.ts'))
let library = ''
before(async () => {
  library = await compileProgram('handover', folder, root)
})
after(() => rmSync(folder, { recursive: true }))

/** A Node that becomes `command`, with a file open beside its standard streams. */
function words(command: readonly string[], environment: Readonly<Record<string, string>>): string[] {
  const script = `import { openSync } from 'node:fs'
    import { becomeProgram } from ${MODULE}
    openSync('/etc/passwd')
    becomeProgram(${[library, command, environment].map((one) => JSON.stringify(one)).join(', ')})`
  return ['--input-type=module', '-e', script]
}

test('the process becomes the program, with these words and variables alone', () => {
  const command = ['/usr/bin/env', 'sh', '-c', 'printf "<%s>" "$@"; env', 'sh', '', 'a b', 'é\n']
  const { stdout, status } = spawnSync(
    process.execPath,
    words(command, { PATH: '/usr/bin:/bin', ONE: 'ü=1' }),
    {
      encoding: 'utf8',
    },
  )
  assert.equal(status, 0)
  assert.ok(stdout.startsWith('<><a b><é\n>'), stdout)
  const lines = stdout.slice('<><a b><é\n>'.length).trim().split('\n')
  assert.deepEqual(lines.filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line)).sort(), [
    'ONE=ü=1',
    'PATH=/usr/bin:/bin',
  ])
})

test('it keeps its pid and its standard streams, and no file that Node had open', async () => {
  const command = ['/bin/sh', '-c', 'echo $$; readlink /proc/$$/fd/*; cat; exit 7']
  const child = spawn(process.execPath, words(command, { PATH: '/usr/bin:/bin' }), {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end('input')
  let text = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk)
  const [pid, ...rest] = text.split('\n')
  assert.equal(Number(pid), child.pid)
  assert.equal(rest.at(-1), 'input')
  assert.ok(!rest.includes('/etc/passwd'), 'Node had it open')
  assert.equal(child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve))), 7)
})

for (const [what, command, environment, message] of [
  ['a program that is not there', ['/no/program'], {}, /HANDOVER_FAILED/],
  ['a NUL byte in a word', ['/bin/true', 'a\0b'], {}, /A NUL byte/],
  ['a NUL byte in a variable', ['/bin/true'], { A: 'b\0C=d' }, /A NUL byte/],
] as const)
  test(`${what} is refused, and Node goes on`, () => {
    const { stderr, status } = spawnSync(process.execPath, words(command, environment), { encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, message)
  })
