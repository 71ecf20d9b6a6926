import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Session, SessionLost } from '../../src/exam/session.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { guestPath } from '../../src/host/view.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* A probe that crashes, hangs or floods costs its own answer; the session and the rest go on. */

const folder = mkdtempSync(join(tmpdir(), 'glovebox-session-'))
const program = join(folder, 'glovebox-probe')
before(async () => {
  await readyGlovebox()
  copyFileSync(guestPath(currentPaths()), program)
})
after(() => rmSync(folder, { recursive: true }))

const start = (argv: readonly [string, ...string[]] = [program], startMs = 20_000): Promise<Session> =>
  Session.start({ argv, startMs })

test('what a probe says comes back, whatever bytes are in it', async () => {
  await using session = await start()
  const words = ['a b', '%', '\u001b[31m', 'ü', '']
  assert.deepEqual(await session.ask('echo', words), { text: `${words.join('\n')}\n`, end: 0 })
  assert.equal((await session.ask('nobody-knows-it')).end, 2)
})

test('a crash, a hang and a flood end as such, and the next answer is right', async () => {
  await using session = await start()
  const [crash, hang, flood] = await Promise.all([
    session.ask('crash'),
    session.ask('hang', [], { timeoutMs: 300 }),
    session.ask('flood', [], { timeoutMs: 300 }),
  ])
  assert.equal(crash.end, 128 + 6)
  assert.equal(hang.end, 'timeout')
  assert.equal(flood.end, 'timeout')
  assert.ok(flood.text.length <= 1024 * 1024, `${flood.text.length} characters of a flood`)
  assert.equal((await session.ask('echo', ['on'])).text, 'on\n')
})

test('a sandbox that dies loses what was under way, and says so at once', async () => {
  const session = await start()
  const held = session.hold('hang')
  await session.kill()
  assert.equal((await held.answer).end, 'lost')
  assert.equal((await session.ask('echo', ['x'])).end, 'lost')
  assert.equal(session.alive, false)
})

test('a sandbox that never starts is told with its own words', async () => {
  await assert.rejects(start(['sh', '-c', 'echo no such thing >&2; exit 3']), (error) => {
    assert.ok(error instanceof SessionLost)
    assert.match(error.message, /ended with 3: no such thing/)
    return true
  })
  await assert.rejects(start(['/no/such/program']), SessionLost)
  await assert.rejects(start(['sleep', '100'], 200), /said nothing in 0.2 s/)
})

test('words that a hostile box writes without being asked change no answer', async () => {
  const liar = join(folder, 'liar')
  const lies = [
    'glovebox-probe 1',
    '1 + lie',
    '7 = 0',
    '1 =',
    '1 = 9999',
    '-1 = 0',
    '1e3 = 0',
    'x'.repeat(20_000),
  ]
  writeFileSync(liar, `#!/bin/sh\n${lies.map((lie) => `echo '${lie}'`).join('\n')}\nexec ${program}\n`, {
    mode: 0o755,
  })
  await using session = await start([liar])
  assert.deepEqual(await session.ask('echo', ['truth']), { text: 'truth\n', end: 0 })
})

test('on a terminal of its own it answers the same', async () => {
  await using session = await start([program, 'pty', '--', program])
  assert.deepEqual(await session.ask('echo', ['a b']), { text: 'a b\n', end: 0 })
})
