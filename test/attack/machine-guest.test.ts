import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { type Attacker, type MachineName, openAttacker } from '../support/hostile-machine.ts'

/* The guest has fallen: its kernel is the attacker's, and in the place of our program speaks test/attack/machine/hostile.c. */

let attacker: Attacker
before(async () => {
  await readyGlovebox()
  attacker = openAttacker()
})
after(() => attacker[Symbol.dispose]())

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function attack(engine: MachineName, name: string): Promise<Ended> {
  const { box, main } = await attacker.start(engine, { guest: 'hostile' }, { command: [name] })
  const pids = box.processes()
  main.stdin.end()
  const { exitCode, stdout, stderr } = await main.result()
  for (const pid of pids) assert.ok(!existsSync(`/proc/${pid}`), 'nothing of it runs any more')
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() }
}

/** The end is the machine's and not the command's, and is told. */
function assertMachineEnded({ code, err }: Ended): void {
  assert.equal(code, 1, err)
  assert.match(err, /^glovebox: The virtual machine ended before its command: /m)
}

const RULES = [
  ...[
    'oversized',
    'just-oversized',
    'no-session',
    'unopened',
    'exit-unopened',
    'no-stream',
    'input',
    'no-kind',
  ],
  ...['ours', 'long-exit', 'short-credit', 'credit', 'ready-twice', 'garbage'],
]

for (const rule of RULES)
  test(`uml: a frame that breaks a rule ends the machine, and that is told: ${rule}`, async () => {
    const ended = await attack('uml', rule)
    assertMachineEnded(ended)
    assert.match(ended.err, /broke a rule/)
  })

for (const way of ['panic', 'halt', 'power-off', 'restart'])
  test(`uml: a kernel that ends by ${way} ends the box, and that is told`, async () =>
    assertMachineEnded(await attack('uml', way)))

for (const way of ['oversized', 'panic'])
  test(`vm: ${way} ends the box, and that is told`, async () => assertMachineEnded(await attack('vm', way)))

test('uml: a guest that takes its end back has ended', async () => {
  assert.equal((await attack('uml', 'after-exit')).code, 3)
})

test('uml: the last words of a guest do not drive the terminal, and none of them is hidden', async () => {
  const ended = await attack('uml', 'escape')
  assertMachineEnded(ended)
  assert.ok(!ended.err.includes('\u001b') && !ended.err.includes('\u0007'), JSON.stringify(ended.err))
  assert.match(ended.err, /hidden/)
})

for (const engine of ['uml', 'vm'] as const) {
  test(`${engine}: a guest that floods its console for ever keeps nobody waiting`, async () => {
    await using started = await attacker.start(engine, { guest: 'hostile' }, { command: ['flood-console'] })
    await once(started.main.stdout, 'data')
    const joined = await started.box.exec(['true'])
    joined.stdin.end()
    assert.equal((await joined.result()).exitCode, 7, 'a further command is answered meanwhile')
    await started.box.stop(0)
    assert.equal(await started.main.exitCode, 137)
  })

  test(`${engine}: no root of the guest writes to the image's disk, or beyond its own`, async () => {
    const limits = { ...DEFAULT_POLICY.limits, diskBytes: 16 * 2 ** 20 }
    const request = { command: ['disks'], policy: { ...DEFAULT_POLICY, limits } }
    await using started = await attacker.start(engine, { guest: 'hostile' }, request)
    started.main.stdin.end()
    const { exitCode, stdout, stderr } = await started.main.result()
    assert.equal(exitCode, 7, stderr.toString())
    assert.match(stdout.toString(), /^disk a: 0 MiB written, not kept, errno \d+$/m)
    assert.match(
      stdout.toString(),
      /^disk b: (\d|1[0-6]) MiB written, kept, errno \d+$/m,
      'control: its own it can fill',
    )
  })
}

test('uml: a guest that sends for ever what means nothing keeps nobody waiting', async () => {
  await using started = await attacker.start('uml', { guest: 'hostile' }, { command: ['flood-port'] })
  const joined = await started.box.exec(['true'])
  joined.stdin.end()
  assert.equal((await joined.result()).exitCode, 7)
  await started.box.stop(0)
  assert.equal(await started.main.exitCode, 137)
})

test('uml: output beyond its credit ends the machine instead of filling memory', async () => {
  await using started = await attacker.start('uml', { guest: 'hostile' }, { command: ['flood-output'] })
  /* Nobody reads until the machine has ended: so this is what all of the way held of it. */
  const { exitCode, stdout } = await once(started.main.stderr, 'data').then(() => started.main.result())
  assert.equal(exitCode, 1)
  assert.ok(stdout.length < 4 * 2 ** 20, `${stdout.length}`)
})

for (const way of ['silent', 'close'])
  test(`uml: a guest that never answers is stopped: ${way}`, async () => {
    await using started = await attacker.start('uml', { guest: 'hostile' }, { command: [way] })
    await once(started.main.stdout, 'data')
    await started.box.stop(0)
    assert.equal(await started.main.exitCode, 137)
  })

test('uml: a machine that never comes up ends at a signal', async () => {
  await using started = await attacker.start('uml', { monitor: 'exec sleep 1000' })
  /* The first may come before the monitor runs: a process 1 that takes no signals yet gets none (pid_namespaces(7)). */
  const again = setInterval(() => started.main.kill('SIGTERM'), 50)
  assert.equal(await started.main.exitCode.finally(() => clearInterval(again)), 143)
})

for (const engine of ['uml', 'vm'] as const)
  test(`${engine}: a machine that does not come up in its time is ended, and that is said`, async () => {
    await using started = await attacker.start(engine, { monitor: 'exec sleep 1000', bootSeconds: 1 })
    const { exitCode, stderr } = await started.main.result()
    assert.equal(exitCode, 1)
    assert.match(stderr.toString(), /its guest had not come up after 1 seconds/)
  })

test('uml: a command as long as may be is heard whole, also while its guest reads nothing', async () => {
  const { box, main } = await attacker.start('uml', {}, { command: ['sleep', '1000'] })
  await using _main = main
  const stuck = await box.exec(['sh', '-c', 'kill -STOP $$; cat | wc -c'])
  stuck.stdin.write(Buffer.alloc(1_000_000))
  const long = await box.exec([
    'sh',
    '-c',
    'printf %s "$1$2" | wc -c',
    'sh',
    'x'.repeat(120_000),
    'y'.repeat(120_000),
  ])
  long.stdin.end()
  assert.equal((await long.result()).stdout.toString(), '240000\n')
  stuck.kill('SIGKILL')
  await stuck.exitCode
})
