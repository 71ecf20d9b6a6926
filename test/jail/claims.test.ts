import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Box, EngineName, Glovebox, Policy } from '../../src/sdk.ts'
import { DEFAULT_POLICY } from '../../src/sdk.ts'
import { cli, compileProbe, inBox, LAUNCHER, readyGlovebox } from '../support/base-box.ts'

/* Each claim is asked from inside against a nonce or a witness outside, beside a control that shows the hole open. */

let glovebox: Glovebox
const probe = compileProbe()
const nonce = randomUUID()
const folder = mkdtempSync(join(tmpdir(), 'glovebox-jail-'))
const planted = { temporary: join(folder, 'nonce'), home: join(homedir(), `.glovebox-test-${nonce}`) }

before(async () => {
  glovebox = await readyGlovebox()
  for (const path of Object.values(planted)) writeFileSync(path, nonce, { mode: 0o644 })
})
after(() => {
  for (const path of Object.values(planted)) rmSync(path, { force: true })
  rmSync(folder, { recursive: true, force: true })
  probe.remove()
})

/** A box with the probe in it. */
async function probed(engine: EngineName, policy: Policy = DEFAULT_POLICY): Promise<Box> {
  const box = await glovebox.boxes.create({ engine, policy })
  try {
    await box.copyIn(probe.path, '/tmp/probe')
    return box
  } catch (error) {
    await box[Symbol.asyncDispose]()
    throw error
  }
}

async function ask(box: Box, words: readonly string[]): Promise<string> {
  const run = await box.exec(['/tmp/probe', ...words])
  run.stdin.end()
  return (await run.result()).stdout.toString().trim()
}

const isRoot = process.getuid?.() === 0

/** The control: the probe without a jail. What root mounts there is mounted for the probe alone. */
function outside(words: readonly string[]): string {
  const own = isRoot && words[0] === 'call' ? ['unshare', '--mount', '--propagation', 'private'] : []
  const [program = '', ...args] = [...own, probe.path, ...words]
  return spawnSync(program, args, { encoding: 'utf8', input: '' }).stdout.trim()
}

for (const engine of ['container', 'gvisor', 'uml'] as const) {
  test(`${engine}: no file of the user or of /tmp can be read`, async () => {
    for (const path of Object.values(planted)) {
      assert.equal(
        spawnSync('cat', [path], { encoding: 'utf8' }).stdout,
        nonce,
        'control: it can be read outside',
      )
      const found = await inBox(glovebox, ['cat', path], { engine })
      assert.notEqual(found.code, 0)
      assert.ok(!found.out.includes(nonce))
    }
  })

  test(`${engine}: no variable of the environment comes in`, () => {
    const env = { GLOVEBOX_NONCE: nonce }
    assert.match(
      spawnSync('env', { encoding: 'utf8', env: { ...process.env, ...env } }).stdout,
      new RegExp(nonce),
      'control',
    )
    const found = cli(['run', '--engine', engine, '--', 'env'], { env })
    assert.equal(found.code, 0, found.err)
    assert.ok(!found.out.includes(nonce))
  })

  test(`${engine}: no inherited descriptor but 0 to 2, and none of these is the caller's own`, () => {
    const fd = openSync(planted.temporary, 'r')
    try {
      const stdio = ['ignore', 'pipe', 'pipe', ...Array(6).fill('ignore'), fd] as 'pipe'[]
      const read = ['-c', 'cat <&9']
      assert.equal(
        spawnSync('sh', read, { encoding: 'utf8', stdio }).stdout,
        nonce,
        'control: a plain child has it',
      )
      const found = spawnSync(LAUNCHER, ['run', '--engine', engine, '--', 'sh', ...read], {
        encoding: 'utf8',
        stdio,
      })
      assert.ok(!found.stdout.includes(nonce))
      assert.notEqual(found.status, 0)
    } finally {
      closeSync(fd)
    }
  })

  test(`${engine}: a folder as standard input is no way out`, () => {
    const fd = openSync('/', 'r')
    try {
      const found = spawnSync(
        LAUNCHER,
        ['run', '--engine', engine, '--', 'sh', '-c', 'cat /proc/self/fd/0/etc/hostname || echo refused'],
        { encoding: 'utf8', stdio: [fd, 'pipe', 'pipe'] },
      )
      assert.equal(found.stdout.trim(), 'refused')
    } finally {
      closeSync(fd)
    }
  })

  test(`${engine}: no capability, no new privileges`, async () => {
    const status = (await inBox(glovebox, ['cat', '/proc/self/status'], { engine, user: 'root' })).out
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd'])
      assert.match(status, new RegExp(`^Cap${set}:\\s+0+$`, 'm'))
    if (engine === 'container') {
      assert.match(status, /^NoNewPrivs:\s+1$/m)
      assert.match(status, /^Seccomp:\s+2$/m)
    }
    assert.match(readFileSync('/proc/self/status', 'utf8'), /^NoNewPrivs:\s+0$/m, 'control: not so outside')
  })

  test(`${engine}: hostname, machine-id, mounts and process 1 tell nothing of the host`, async () => {
    const words = ['sh', '-c', 'hostname; cat /etc/machine-id /proc/self/mountinfo /proc/1/cmdline; env; id']
    const found = (await inBox(glovebox, words, { engine })).out
    const control = spawnSync('sh', ['-c', 'hostname; id; env'], { encoding: 'utf8' }).stdout
    assert.ok(control.includes(hostname()), 'control')
    const login = userInfo().username
    const secrets = [
      homedir(),
      spawnSync('cat', ['/etc/machine-id'], { encoding: 'utf8' }).stdout.trim(),
      login === 'root' ? '' : login,
    ]
    for (const secret of secrets.filter((one) => one.length > 3)) assert.ok(!found.includes(secret), secret)
    assert.equal(found.split('\n')[0], 'box')
  })

  test(`${engine}: no network but its own loopback; a listener of the host is not reached`, async () => {
    await using box = await probed(engine)
    let reached = 0
    const server = createServer((socket) => {
      reached++
      socket.destroy()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as { port: number }
    try {
      // The witness counts in this process, so its control must not block it.
      const control = spawn(probe.path, ['socket', 'connect', '127.0.0.1', String(port)], { stdio: 'ignore' })
      await new Promise((ended) => control.once('close', ended))
      assert.equal(reached, 1, 'control: the probe reaches it outside')
      assert.match(await ask(box, ['socket', 'connect', '127.0.0.1', String(port)]), /^errno/)
      assert.equal(reached, 1)
      assert.equal(await ask(box, ['socket', 'own']), 'ok', 'the loopback of the box itself works')
    } finally {
      server.close()
    }
  })

  test(`${engine}: System V memory and messages of the host are not there`, async () => {
    await using box = await probed(engine)
    for (const kind of ['shm', 'msg']) {
      const key = String(1_000_000 + Math.floor(Math.random() * 1e9))
      outside(['ipc', kind, 'put', key, nonce])
      try {
        assert.match(await ask(box, ['ipc', kind, 'get', key]), /^errno/)
        assert.match(outside(['ipc', kind, 'get', key]), new RegExp(nonce), 'control: it can be read outside')
      } finally {
        outside(['ipc', kind, 'rm', key])
      }
    }
  })

  test(`${engine}: the session keyring of the user does not come in`, () => {
    const put = ['ipc', 'keyring', 'put', nonce]
    const get = ['ipc', 'keyring', 'get']
    assert.match(
      outside([...put, probe.path, ...get]),
      new RegExp(nonce),
      'control: a plain child inherits it',
    )
    const words = ['run', '--engine', engine, '--put', `${probe.path}:/tmp/probe`, '--', '/tmp/probe', ...get]
    const found = outside([...put, LAUNCHER, ...words])
    assert.match(found, /^errno/)
  })

  test(`${engine}: what the box may write is bounded`, async () => {
    const policy: Policy = { ...DEFAULT_POLICY, limits: { ...DEFAULT_POLICY.limits, diskBytes: 8 * 2 ** 20 } }
    await using box = await probed(engine, policy)
    const [made] = (await ask(box, ['use', 'disk', '64', '/tmp/fill'])).split('\n')
    assert.ok(Number(made) <= 8, `${made} MiB were written`)
    await using control = await probed(engine)
    assert.equal(
      (await ask(control, ['use', 'disk', '16', '/tmp/fill'])).split('\n')[0],
      '16',
      'control: without that bound it can',
    )
  })

  test(`${engine}: the time of a box is bounded`, () => {
    assert.equal(cli(['run', '--engine', engine, '--wall', '300ms', '--', 'sleep', '600']).code, 124)
  })
}

/** Refused by the filter of a container; gVisor answers these calls itself and shows none of them to the host. */
const KERNEL_SURFACE = [
  'io_uring_setup',
  'userfaultfd',
  'bpf',
  'perf_event_open',
  'keyctl',
  'add_key',
  'unshare',
  'clone',
  'clone3',
  'setns',
  'mount',
  'fsopen',
  'name_to_handle_at',
  'AF_ALG',
  'AF_PACKET',
  'AF_VSOCK',
  'SCTP',
  'NETLINK_NETFILTER',
  'AF_BLUETOOTH',
  'SOCK_RAW',
  'mknod',
  'delete_module',
  'syslog',
]

test('container: calls that reach far into the kernel are refused', async () => {
  await using box = await probed('container')
  for (const call of KERNEL_SURFACE) assert.match(await ask(box, ['call', call]), /^errno/, call)
  const open = KERNEL_SURFACE.filter((call) => outside(['call', call]) === 'ok')
  assert.ok(open.length >= 4, `control: outside ${open.length} of them are open`)
})

test('container: the filter itself refuses sockets whose type loads a module, and what is counted for the machine', async () => {
  await using box = await probed('container')
  for (const call of ['DCCP', 'SOCK_PACKET', 'SCTP', 'io_setup'])
    assert.equal(await ask(box, ['call', call]), 'errno 38', call)
  assert.equal(outside(['call', 'io_setup']), 'ok', 'control: outside it is open')
  assert.notEqual(outside(['call', 'DCCP']), 'errno 38', 'control: outside the kernel looks for it')
})

test('container: programs of other ABIs end', async (t) => {
  await using box = await probed('container')
  const control = outside(['call', 'i386'])
  // Some hypervisors (PVM on AMD) end who says int 0x80, before any kernel hears of it: there is no such ABI then. That the filter knows
  // the native one only is held by test/engine/bundle.test.ts.
  if (control === '') t.diagnostic('moot: int 0x80 ends a program on this machine, with and without a box')
  else assert.match(control, /^(ok|errno)/, 'control: outside it is answered')
  assert.equal(await ask(box, ['call', 'i386']), '')
  assert.notEqual(await ask(box, ['call', 'x32']), 'ok')
})

test('container: user namespaces are closed, and the grant of that name opens them', async () => {
  await using closed = await probed('container')
  assert.match(await ask(closed, ['call', 'unshare']), /^errno/)
  await using open = await probed('container', { ...DEFAULT_POLICY, grants: ['user-namespaces'] })
  assert.equal(await ask(open, ['call', 'unshare']), 'ok', 'control')
})

test('container: the number of processes is bounded', async () => {
  const policy: Policy = { ...DEFAULT_POLICY, limits: { ...DEFAULT_POLICY.limits, processes: 20 } }
  await using box = await probed('container', policy)
  const [made] = (await ask(box, ['use', 'processes', '60'])).split('\n')
  assert.ok(Number(made) < 20, `${made} were made`)
  await using control = await probed('container')
  assert.equal(
    (await ask(control, ['use', 'processes', '60'])).split('\n')[0],
    '60',
    'control: without that bound they can be made',
  )
})

test('container: seen from the host, a box runs as subordinate ids and not as the user', async () => {
  await using box = await glovebox.boxes.create({ engine: 'container' })
  const [, holder] = box.processes()
  const uids =
    /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m
      .exec(readFileSync(`/proc/${holder}/status`, 'utf8'))
      ?.slice(1)
      .map(Number) ?? []
  assert.equal(uids.length, 4)
  for (const uid of uids) assert.ok(uid >= 100_000, `${uid}`)
  const map = readFileSync(`/proc/${holder}/uid_map`, 'utf8').trim().split(/\s+/).map(Number)
  const own = process.getuid?.() ?? 0
  assert.ok(own < (map[1] ?? 0) || own >= (map[1] ?? 0) + (map[2] ?? 0), 'the uid of the user is not mapped')
})
