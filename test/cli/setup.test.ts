import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const main = join(import.meta.dirname, '../../src/cli/main.ts')
const home = mkdtempSync(join(tmpdir(), 'glovebox-setup-'))
after(() => rmSync(home, { recursive: true }))

function glovebox(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { status, stdout, stderr }
}

interface Finding {
  readonly id: string
  readonly level: string
  readonly remedy?: string
}

/* In one test, as each step stands on the one before: the very way of a new user. */
test('a new user: doctor says what is missing, setup brings it, doctor is content, and setup has nothing to do', () => {
  const before = glovebox('doctor', '--json')
  assert.equal(before.status, 1, before.stderr)
  const missing = (JSON.parse(before.stdout) as Finding[]).filter(({ level }) => level === 'problem')
  assert.deepEqual(
    missing.map(({ id, remedy }) => [id, remedy]),
    [['compiled', 'glovebox setup']],
  )

  const refused = glovebox('run', '--', 'true')
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /→ .*glovebox setup/)

  const planned = glovebox('setup', '--dry-run', '--json')
  assert.equal(planned.status, 0, planned.stderr)
  assert.equal((JSON.parse(planned.stdout) as unknown[]).length, 1)

  const done = glovebox('setup', '--yes')
  assert.equal(done.status, 0, done.stderr)

  const now = glovebox('doctor', '--json')
  assert.equal(now.status, 0, now.stdout)
  const findings = JSON.parse(now.stdout) as Finding[]
  assert.equal(findings.find(({ id }) => id === 'jail')?.level, 'ok')
  assert.match(glovebox('setup').stdout, /Nothing is missing/)

  const engines = glovebox('engines', '--json')
  const [container] = JSON.parse(engines.stdout) as { readonly name: string; readonly missing?: unknown }[]
  assert.equal(container?.name, 'container')
  assert.equal(container?.missing, undefined)
})
