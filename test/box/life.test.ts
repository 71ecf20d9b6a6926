import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { currentPaths } from '../../src/host/paths.ts'
import type { Glovebox } from '../../src/sdk.ts'
import { cli, inBox, LAUNCHER, readyGlovebox } from '../support/base-box.ts'

let glovebox: Glovebox
const folder = mkdtempSync(join(tmpdir(), 'glovebox-life-'))
const name = `test-${process.pid}-${randomBytes(3).toString('hex')}`

before(async () => {
  glovebox = await readyGlovebox()
})
after(async () => {
  cli(['rm', name])
  rmSync(folder, { recursive: true, force: true })
})

const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`)
/** Waits for processes that are not our children; the test runner's own time bounds it. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(isThere)) await new Promise((next) => setImmediate(next))
}

for (const engine of ['container', 'gvisor', 'uml'] as const) {
  test(`${engine}: exit codes are the command's own, 126, 127 and 128+n`, () => {
    const code = (...words: string[]): number => cli(['run', '--engine', engine, '--', ...words]).code
    assert.deepEqual(
      [
        code('true'),
        code('sh', '-c', 'exit 37'),
        code('/etc/passwd'),
        code('no-such-command'),
        code('sh', '-c', 'kill -9 $$'),
      ],
      [0, 37, 126, 127, 137],
    )
  })

  test(`${engine}: ten million bytes go through a box and come out the same`, async () => {
    const bytes = randomBytes(10_000_000)
    const { main } = await glovebox.boxes.start({ engine, command: ['cat'] })
    main.stdin.end(bytes)
    const { stdout } = await main.result()
    assert.equal(
      createHash('sha256').update(stdout).digest('hex'),
      createHash('sha256').update(bytes).digest('hex'),
    )
  })

  test(`${engine}: SIGTERM reaches the command, and its exit code comes back`, async () => {
    const words = [
      'run',
      '--engine',
      engine,
      '--',
      'sh',
      '-c',
      'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done',
    ]
    const run = spawn(LAUNCHER, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(run.stdout, 'data')
    run.kill('SIGTERM')
    const [code] = await once(run, 'exit')
    assert.equal(code, 9)
  })

  test(`${engine}: commands and files go into a running box and come out`, async () => {
    await using box = await glovebox.boxes.create({ engine })
    writeFileSync(join(folder, 'in'), 'over the wall\n')
    await box.copyIn(join(folder, 'in'), '/tmp/in')
    const run = await box.exec(['sh', '-c', 'tr a-z A-Z < /tmp/in > /tmp/out; exit 3'])
    assert.equal((await run.result()).exitCode, 3)
    await box.copyOut('/tmp/out', join(folder, `out-${engine}`))
    assert.equal(readFileSync(join(folder, `out-${engine}`), 'utf8'), 'OVER THE WALL\n')
  })
}

test('a reader that leaves early ends the box', () => {
  const { code, out } = cli(['run', '--', 'sh', '-c', 'yes | head -n 1'])
  assert.deepEqual([code, out], [0, 'y\n'])
})

test('twenty boxes at once all run, and leave nothing', async () => {
  const runs = await Promise.all(
    Array.from({ length: 20 }, (_one, at) => inBox(glovebox, ['sh', '-c', `exit ${at}`])),
  )
  assert.deepEqual(
    runs.map(({ code }) => code),
    Array.from({ length: 20 }, (_one, at) => at),
  )
})

test('a box that is disposed of is gone: processes, folder and list', async () => {
  const box = await glovebox.boxes.create()
  const pids = box.processes()
  assert.equal(pids.length, 2)
  assert.ok(pids.every(isThere))
  await box[Symbol.asyncDispose]()
  assert.ok(!pids.some(isThere))
  assert.ok(!glovebox.boxes.list().some(({ id }) => id === box.id))
  assert.ok(!existsSync(join(currentPaths().boxes.runtime, box.id)))
})

test('an aborted start ends the box and says why', async () => {
  const reason = new Error('changed my mind')
  const abort = new AbortController()
  const { main } = await glovebox.boxes.start({ command: ['sleep', '600'] }, { signal: abort.signal })
  abort.abort(reason)
  assert.equal(await main.exitCode, 137)
})

for (const victim of ['supervisor', 'holder'] as const)
  test(`kill -9 of the ${victim} ends the box, and the next start removes what is left`, async () => {
    const detached = await glovebox.boxes.detach({ command: ['sleep', '600'] })
    const [supervisor = 0, holder = 0] = detached.processes()
    process.kill(victim === 'supervisor' ? supervisor : holder, 'SIGKILL')
    await gone([supervisor, holder])
    assert.equal((await inBox(glovebox, ['true'])).code, 0)
    if (victim === 'supervisor') assert.ok(!readdirSync(currentPaths().boxes.runtime).includes(detached.id))
    else await detached.remove()
    assert.ok(!glovebox.boxes.list().some(({ id }) => id === detached.id))
  })

test('a kept box goes on with what it wrote, tells what it changed, and becomes an image', async () => {
  assert.equal(
    cli([
      'run',
      '--keep',
      name,
      '--user',
      'root',
      '--',
      'sh',
      '-c',
      'echo kept > /root/note; rm /etc/motd; mkdir /new',
    ]).code,
    0,
  )
  assert.equal(cli(['run', '--keep', name, '--user', 'root', '--', 'cat', '/root/note']).out, 'kept\n')
  assert.deepEqual(await glovebox.boxes.diff(name), [
    { change: 'deleted', path: '/etc/motd' },
    { change: 'added', path: '/new' },
    { change: 'added', path: '/root/note' },
  ])
  await glovebox.boxes.commit(name, `${name}/image`)
  assert.equal(
    (await inBox(glovebox, ['cat', '/root/note'], { image: `${name}/image`, user: 'root' })).out,
    'kept\n',
  )
  assert.notEqual((await inBox(glovebox, ['ls', '/etc/motd'], { image: `${name}/image` })).code, 0)
  await glovebox.images.remove(`${name}/image`)
})

test('a kept box that runs is not started a second time', async () => {
  await using box = await glovebox.boxes.create({ keep: name, user: 'root' })
  assert.equal(box.summary().state, 'running')
  await assert.rejects(glovebox.boxes.plan({ keep: name, command: ['true'] }), { code: 'BOX_RUNNING' })
})

test('usage errors end with 2, ours with 1, and each says what to do', () => {
  const cases = [
    [['run', '--no-such-option'], 2],
    [['exec', 'no-such-box', '--', 'true'], 2],
    [['run', '--image', 'no-such-image', '--', 'true'], 1],
  ] as const
  for (const [words, code] of cases) {
    const found = cli(words)
    assert.equal(found.code, code, words.join(' '))
    assert.match(found.err, /^glovebox: .+\n {2}→ .+/)
  }
})

test('a kept home folder goes on in another box, and is deleted by its name', async () => {
  const home = `home-${name}`
  assert.equal(cli(['run', '--home', home, '--', 'sh', '-c', 'echo mine > ~/note']).code, 0)
  const box = await glovebox.boxes.create({ home })
  await assert.rejects(glovebox.boxes.removeHome(home), { code: 'HOME_IN_USE' })
  await box[Symbol.asyncDispose]()
  assert.equal(cli(['run', '--home', home, '--', 'sh', '-c', 'cat ~/note']).out, 'mine\n')
  assert.equal(cli(['rm', '--home', home]).code, 0)
  await assert.rejects(glovebox.boxes.removeHome(home), { code: 'HOME_NOT_FOUND' })
  assert.equal(cli(['run', '--home', home, '--', 'sh', '-c', 'cat ~/note || echo gone']).out, 'gone\n')
  assert.equal(cli(['rm', '--home', home]).code, 0)
})

test('a further command runs as another user in the folder of the box, or says what is wrong with the one asked for', async () => {
  await using box = await glovebox.boxes.create({ workdir: '/tmp' })
  const run = await box.exec(['sh', '-c', 'id -un; pwd'], { user: 'nobody' })
  assert.equal((await run.result()).stdout.toString(), 'nobody\n/tmp\n')
  await assert.rejects(box.exec(['true'], { user: 'no-such-user' }), { code: 'USER_UNKNOWN' })
  await assert.rejects(box.exec(['true'], { workdir: 'relative' }), { code: 'BAD_WORKDIR' })
})

test('output that cannot be written is told, and makes a failure of a success', () => {
  const full = openSync('/dev/full', 'w')
  try {
    const run = (...words: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(LAUNCHER, ['run', '--', ...words], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' })
    const lost = run('echo', 'out')
    assert.equal(lost.status, 1)
    assert.match(String(lost.stderr), /Output of the box was lost: No space left on device/)
    assert.equal(run('true').status, 0, 'control: nothing was to be written')
    assert.equal(run('sh', '-c', 'echo out; exit 9').status, 9)
  } finally {
    closeSync(full)
  }
})
