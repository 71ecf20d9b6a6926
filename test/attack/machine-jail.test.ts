import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readyGlovebox } from '../support/base-box.ts'
import { type Attacker, type Change, type MachineName, openAttacker } from '../support/hostile-machine.ts'

/* Probe 127: the virtual machine monitor has fallen. In its very jail (its mounts, ids, namespaces and filter) runs a script of the
 * attacker's in its place, and what that finds is compared with the same jail opened, or with the outside. */

let attacker: Attacker
const nonce = randomUUID()
const folder = mkdtempSync(join(tmpdir(), 'glovebox-jail-'))
const home = join(homedir(), `.glovebox-test-${nonce}`)
chmodSync(folder, 0o755)

before(async () => {
  await readyGlovebox()
  attacker = openAttacker()
  for (const path of [join(folder, 'nonce'), home]) writeFileSync(path, nonce)
})
after(() => {
  attacker[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
  rmSync(home, { force: true })
})

interface Found {
  readonly lines: readonly string[]
  has(text: string): boolean
}

const found = (text: string): Found => ({
  lines: text.split('\n').map((line) => line.replace(/^glovebox: \| /, '')),
  has: (part) => text.includes(part),
})

/** What the script says: it reaches the user as the last words of the machine. */
async function inJail(engine: MachineName, script: string, open: Change['open'] = {}): Promise<Found> {
  await using started = await attacker.start(engine, { monitor: script, open })
  started.main.stdin.end()
  const { exitCode, stderr } = await started.main.result()
  assert.match(stderr.toString(), /ended before its command: its process ended/)
  assert.equal(exitCode, 1)
  return found(stderr.toString())
}

const outside = (script: string, env: Record<string, string> = {}): Found =>
  found(spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { ...process.env, ...env } }).stdout)

for (const engine of ['uml', 'vm'] as const) {
  test(`${engine}: who has broken the monitor finds no file of the host, and no home`, async () => {
    const script = `cat ${folder}/nonce ${home} 2> /dev/null; ls -A /home /mnt /media /srv /opt; ls -A ${homedir()}`
    const jail = await inJail(engine, script)
    assert.ok(!jail.has(nonce))
    assert.ok(outside(script).has(nonce), 'control: outside they can be read')
    assert.ok((await inJail(engine, script, { folder })).has(nonce), 'control: opened, it can be read')
    const mounts = await inJail(engine, 'cut -d" " -f4,5,6 /proc/self/mountinfo | grep -v " /proc\\| /sys"')
    const binds = mounts.lines.filter((line) => line.includes(' /machine/'))
    assert.ok(binds.length >= 4, mounts.lines.join('\n'))
    for (const line of binds) assert.match(line, line.includes('/machine/write') ? / rw,/ : / ro,/)
  })

  test(`${engine}: it can write to no disk but its own`, async () => {
    const script =
      'for f in image empty initramfs write/disk; do (: >> /machine/$f) 2> /dev/null && echo wrote $f; done; ls /machine /machine/write'
    const jail = await inJail(engine, script)
    assert.deepEqual(
      jail.lines.filter((line) => line.startsWith('wrote')),
      ['wrote write/disk'],
      'control: its own it can',
    )
    await using _other = await attacker.start('uml', {}, { command: ['sleep', '1000'] })
    const names =
      'find / -xdev -name disk -o -path "/machine*" -type f -print 2> /dev/null; ls /machine/write; ls /machine'
    const beside = (await inJail(engine, names)).lines.filter(
      (line) => line.startsWith('/') || line.includes('disk'),
    )
    assert.deepEqual(beside.sort(), ['/machine/empty', '/machine/image', '/machine/initramfs', 'disk'])
  })

  test(`${engine}: it has no capability, no new privileges, no group, and the filter`, async () => {
    const script = 'grep -E "^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups)" /proc/self/status'
    const { lines } = await inJail(engine, script)
    const value = (name: string, from = lines): string =>
      from
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .replaceAll(/\\x09|\s+/g, ' ')
        .trim() ?? 'missing'
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      assert.match(value(set), /^0+$/, set)
    assert.deepEqual([value('NoNewPrivs'), value('Seccomp')], ['1', '2'])
    for (const ids of ['Uid', 'Gid']) assert.equal(value(ids), '65534 65534 65534 65534')
    assert.equal(value('Groups'), '')
    const control = await inJail(engine, script, { capability: 'CAP_NET_RAW', calls: true })
    assert.doesNotMatch(value('CapEff', [...control.lines]), /^0+$/, 'control: opened, it has one')
    assert.equal(value('Seccomp', [...control.lines]), '0', 'control: opened, it has no filter')
  })

  test(`${engine}: it sees no process, variable or descriptor of the host`, async () => {
    const witness = spawn('sleep', ['1000'], { argv0: `witness-${nonce}`, stdio: 'ignore' })
    try {
      /* The brackets keep grep from finding its own words. */
      const script = `tr '\\0' ' ' < /proc/1/cmdline | cut -c1-40; cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep witness[-]${nonce}; cat /proc/[0-9]*/environ 2> /dev/null | tr '\\0' '\\n' | grep VARIABLE[-]${nonce}; ls /proc/self/fd | tr '\\n' ' '`
      const env = { TOKEN: `VARIABLE-${nonce}` }
      const control = outside(script, env)
      assert.ok(
        control.has(`witness-${nonce}`) && control.has(`VARIABLE-${nonce}`),
        'control: outside both are seen',
      )
      Object.assign(process.env, env)
      const jail = await inJail(engine, script)
      assert.ok(jail.has('/run/glovebox/guest monitor'))
      assert.ok(!jail.has(nonce))
      assert.ok(jail.lines.includes('0 1 2 3 '), jail.lines.join('\n'))
    } finally {
      delete process.env['TOKEN']
      witness.kill('SIGKILL')
    }
  })

  test(`${engine}: it has no network: a listener of the host is not reached`, async () => {
    let reached = 0
    const server = createServer((socket) => {
      reached++
      socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as { port: number }
      const connect = `socket connect 127.0.0.1 ${port}`
      const jail = await inJail(engine, `/attacker/probe ${connect}; tail -n +3 /proc/net/dev | cut -d: -f1`)
      assert.match(jail.lines.join('\n'), /^errno \d+$/m)
      assert.deepEqual(
        jail.lines.filter((line) => /^ *[a-z]+\d*$/.test(line)).map((line) => line.trim()),
        ['lo'],
      )
      assert.equal(reached, 0)
      const control = spawn(attacker.probe, connect.split(' '), { stdio: 'ignore' })
      await once(control, 'close')
      assert.equal(reached, 1, 'control: outside the probe reaches it')
    } finally {
      server.close()
    }
  })

  test(`${engine}: calls that reach far into the kernel are refused`, async () => {
    const names = [
      'io_uring_setup',
      'userfaultfd',
      'bpf',
      'perf_event_open',
      'keyctl',
      'add_key',
      'unshare',
      'setns',
      'mount',
      'fsopen',
    ]
    const more = [
      'name_to_handle_at',
      'AF_ALG',
      'AF_PACKET',
      'AF_VSOCK',
      'NETLINK_NETFILTER',
      'SOCK_RAW',
      'mknod',
      'delete_module',
      'syslog',
    ]
    const script = `for call in ${[...names, ...more].join(' ')}; do echo $call $(/attacker/probe call $call < /dev/null); done`
    const ok = ({ lines }: Found): string[] => lines.filter((line) => / ok$/.test(line))
    const jail = await inJail(engine, script)
    assert.deepEqual(ok(jail), [])
    assert.equal(jail.lines.filter((line) => / errno \d+$/.test(line)).length, names.length + more.length)
    assert.ok(
      ok(await inJail(engine, script, { calls: true })).length >= 1,
      'control: without the filter some are open',
    )
  })
}

test('uml: seen from the host, the machine runs as a subordinate id', async () => {
  await using started = await attacker.start('uml', {}, { command: ['sleep', '1000'] })
  const ready = await started.box.exec(['true'])
  await ready.result()
  const [outer = 0, holder = 0] = started.box.processes()
  const status = (pid: number | string, name: string): string =>
    new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
  const parents = new Map<string, string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      parents.set(pid, status(pid, 'PPid'))
    } catch {
      /* it has ended meanwhile */
    }
  const below = (pid: string): boolean => {
    for (let at = parents.get(pid); at !== undefined && at !== '0'; at = parents.get(at))
      if (at === String(holder)) return true
    return false
  }
  const machines = [...parents.keys()].filter((pid) => below(pid) && status(pid, 'Name').startsWith('linux'))
  assert.ok(machines.length > 0)
  const own = process.getuid?.() ?? 0
  assert.equal(status(outer, 'Uid').split(/\s+/)[0], String(own), 'control: the supervisor is the user')
  for (const pid of machines)
    for (const id of [...status(pid, 'Uid').split(/\s+/), ...status(pid, 'Gid').split(/\s+/)])
      assert.ok(Number(id) >= 65536 && Number(id) !== own, `${pid}: ${id}`)
})

test('uml: a root of the guest that mounts the files of the host finds the empty jail', async () => {
  const look = async (open: NonNullable<Change['open']>): Promise<string> => {
    await using started = await attacker.start('uml', { guest: 'hostile', open }, { command: ['host-files'] })
    started.main.stdin.end()
    const { exitCode, stdout, stderr } = await started.main.result()
    assert.equal(exitCode, 7, stderr.toString())
    return stdout.toString()
  }
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  const jail = await look({})
  assert.match(jail, /^\/host\/machine\/write\/disk$/m, 'control: hostfs works, and shows its own disk')
  assert.ok(!jail.includes(name) && !jail.includes(nonce))
  /* The monitor's sockets, and the folder of six letters that User-Mode Linux makes for itself. */
  assert.deepEqual(
    jail
      .split('\n')
      .filter((line) => /^\/host\/(home|tmp)\/[a-z]/.test(line))
      .filter((line) => !/\/(channel|[A-Za-z0-9]{6})$/.test(line)),
    [],
  )
  assert.match(jail, /^the shared disk: (Permission denied|Read-only file system)$/m)
  assert.ok((await look({ folder })).includes(name), 'control: an opened jail shows it')
})

/* What a fallen User-Mode Linux can say to the monitor of its machine. */
for (const [words, says] of [
  ['half', /it broke off the connection/],
  ['truncate', /it took back memory that it shared/],
  ['giant', /it broke a rule of its channel/],
] as const)
  test(`uml: a broken machine cannot stop its monitor: ${words}`, async () => {
    await using started = await attacker.start('uml', { monitor: `exec /attacker/vmm ${words}` })
    started.main.stdin.end()
    const { exitCode, stderr } = await started.main.result()
    assert.equal(exitCode, 1)
    assert.match(stderr.toString(), says)
  })
