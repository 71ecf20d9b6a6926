import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { currentPaths } from '../../src/host/paths.ts'
import type { Box, Glovebox, Policy } from '../../src/sdk.ts'
import { DEFAULT_POLICY } from '../../src/sdk.ts'
import { cli, compileProbe, LAUNCHER, readyGlovebox } from '../support/base-box.ts'

/* Ways around a bound, and things that run out for the user when a box takes them all. */

let glovebox: Glovebox
const probe = compileProbe()

before(async () => {
  glovebox = await readyGlovebox()
})
after(() => probe.remove())

const bounded = (limits: Policy['limits']): Policy => ({
  ...DEFAULT_POLICY,
  limits: { ...DEFAULT_POLICY.limits, ...limits },
})
const outside = (words: readonly string[]): string[] =>
  spawnSync(probe.path, [...words], { encoding: 'utf8', input: '' })
    .stdout.trim()
    .split('\n')

async function run(box: Box, command: readonly string[]): Promise<{ code: number; out: string }> {
  const running = await box.exec(command)
  running.stdin.end()
  const { exitCode, stdout } = await running.result()
  return { code: exitCode, out: stdout.toString().trim() }
}

/** Takes 200 MiB of memory: the length of it, or nothing where that is not to be had. */
const HUNGRY = ['sh', '-c', 'head -c 250000000 /dev/zero | tail -c 200000000 | wc -c']

test('the commands that join a box are within its bound of memory', async () => {
  const policy = bounded({ memoryBytes: 96 * 2 ** 20 })
  try {
    await glovebox.boxes.plan({ policy, command: ['true'] })
  } catch (error) {
    /* Where no such bound can be held, none is promised. */
    assert.equal((error as { code?: string }).code, 'LIMIT_UNENFORCEABLE')
    return
  }
  await using box = await glovebox.boxes.create({ policy })
  assert.equal((await run(box, HUNGRY)).out, '0')
  await using control = await glovebox.boxes.create()
  assert.equal((await run(control, HUNGRY)).out, '200000000', 'control: without that bound it is to be had')
})

test('what was run in a box, with its arguments and variables, does not stay on the disk', async () => {
  await using box = await glovebox.boxes.create()
  const running = await box.exec(['sh', '-c', 'cat; echo $SECRET'], { env: { SECRET: 'of this command' } })
  const folder = join(currentPaths().boxes.runtime, box.id)
  assert.ok(existsSync(join(folder, 'box.json')), 'control: the folder of the box is there')
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('exec')),
    [],
  )
  running.stdin.end()
  assert.equal((await running.result()).stdout.toString(), 'of this command\n')
})

for (const [what, file] of [
  ['watchers', '/proc/sys/fs/inotify/max_user_instances'],
  ['signals', undefined],
] as const) {
  test(`container: a box that takes all ${what} it gets leaves most of them to the user`, async () => {
    const most = Number(
      file === undefined
        ? /^Max pending signals +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
        : readFileSync(file, 'utf8'),
    )
    await using box = await glovebox.boxes.create()
    await box.copyIn(probe.path, '/tmp/probe')
    const taking = await box.exec(['/tmp/probe', 'use', what, String(most), 'hold'])
    const [chunk] = (await once(taking.stdout, 'data')) as [Buffer]
    const taken = Number.parseInt(chunk.toString(), 10)
    assert.ok(taken > 0 && taken <= most / 4, `${taken} of ${most} were taken`)
    const left = Number(outside(['use', what, String(most)])[0])
    assert.ok(left > most / 4, `${left} of ${most} are left`)
    taking.stdin.end()
    await taking.exitCode
  })
}

test('container: the bound of processes holds for the commands that join a box', async () => {
  await using box = await glovebox.boxes.create({ policy: bounded({ processes: 30 }) })
  await box.copyIn(probe.path, '/tmp/probe')
  const { out } = await run(box, ['/tmp/probe', 'use', 'processes', '100'])
  assert.ok(Number(out.split('\n')[0]) < 30, out)
})

test('container: empty files, which have no bytes that a bound would count, are bounded too', async () => {
  await using box = await glovebox.boxes.create({ user: 'root' })
  await box.copyIn(probe.path, '/probe')
  const most = 20_000
  for (const folder of ['/dev', '/run', '/run/user/0']) {
    const { out } = await run(box, ['/probe', 'use', 'inodes', String(most), folder])
    assert.ok(Number(out.split('\n')[0]) < most, `${folder}: ${out}`)
  }
  const control = await run(box, ['/probe', 'use', 'inodes', String(most), '/dev/shm'])
  assert.equal(
    control.out.split('\n')[0],
    String(most),
    'control: where there is room for more, they can be made',
  )
})

test('container: a fork bomb in a box neither keeps it from being stopped nor from being removed', async () => {
  const policy = bounded({ processes: 100 })
  await using box = await glovebox.boxes.create({ policy })
  const bomb = await box.exec(['sh', '-c', 'trap "" TERM INT HUP; echo go; f() { f | f & f; }; f'])
  bomb.stderr.resume()
  await once(bomb.stdout, 'data')
  bomb.stdout.resume()
  const [, holder] = box.processes()
  await box.stop(0)
  assert.ok(!existsSync(`/proc/${holder}`))
  await bomb.exitCode
})

for (const engine of ['container', 'gvisor', 'uml'] as const) {
  test(`${engine}: a command that joined a box ends although something it left behind holds its output open`, () => {
    const box = cli(['run', '-d', '--engine', engine, '--', 'sleep', '1000'])
      .out.trim()
      .split(/\s/)[0] as string
    try {
      const left = cli(['exec', box, '--', 'sh', '-c', 'sleep 1000 & echo done'])
      assert.equal(left.out, 'done\n')
      assert.equal(left.code, 0, left.err)
      const words = ['exec', box, '--', 'sh', '-c', '(trap "" PIPE; exec yes) & echo done']
      const flood = spawnSync(LAUNCHER, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
      assert.equal(flood.status, 0, flood.stderr)
    } finally {
      cli(['stop', '--grace', '0s', box])
      cli(['rm', box])
    }
  })

  test(`${engine}: a flood of output that nobody reads keeps no box from ending`, async () => {
    const words = ['run', '--engine', engine, '--', 'sh', '-c', 'echo go >&2; exec yes']
    const supervisor = spawn(LAUNCHER, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    await once(supervisor.stderr, 'data')
    /* The first ends the box, the second the wait for the reader. */
    supervisor.kill('SIGTERM')
    const again = setInterval(() => supervisor.kill('SIGTERM'), 50)
    await once(supervisor, 'exit')
    clearInterval(again)
    supervisor.stdout.destroy()
  })

  test(`${engine}: nor does it when its time is up`, async () => {
    const words = ['run', '--engine', engine, '--wall', '1s', '--', 'yes']
    const supervisor = spawn(LAUNCHER, words, { stdio: ['ignore', 'pipe', 'ignore'] })
    const [code] = await once(supervisor, 'exit')
    assert.equal(code, 124)
    supervisor.stdout.destroy()
  })
}
