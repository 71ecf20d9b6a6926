import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import type { Box, Glovebox, Policy } from '../../src/sdk.ts'
import { compileProbe, readyGlovebox } from '../support/base-box.ts'

/* The rows `microvm` and `vm` of the suite that the quicker engines have in life, claims, limits and copies: a boot takes seconds where it is
 * emulated, so all of it is asked of one box that runs. */

for (const ENGINE of ['microvm', 'vm'] as const)
  describe(ENGINE, () => {
    const DISK_MIB = 24
    let glovebox: Glovebox
    let box: Box
    const probe = compileProbe()
    const nonce = randomUUID()
    const folder = mkdtempSync(join(tmpdir(), 'glovebox-suite-'))
    const home = join(homedir(), `.glovebox-test-${nonce}`)

    before(async () => {
      process.env['GLOVEBOX_NONCE'] = nonce
      glovebox = await readyGlovebox()
      for (const path of [join(folder, 'nonce'), home]) writeFileSync(path, nonce)
      const policy: Policy = {
        ...DEFAULT_POLICY,
        limits: { ...DEFAULT_POLICY.limits, diskBytes: DISK_MIB * 2 ** 20, processes: 60, openFiles: 64 },
      }
      box = await glovebox.boxes.create({ engine: ENGINE, policy })
      await box.copyIn(probe.path, '/tmp/probe')
    })
    after(async () => {
      await box?.[Symbol.asyncDispose]()
      probe.remove()
      rmSync(home, { force: true })
      rmSync(folder, { recursive: true, force: true })
    })

    interface Ended {
      readonly code: number
      readonly out: string
    }

    async function ask(
      command: readonly string[],
      user = 'user',
      input: Buffer | string = '',
    ): Promise<Ended> {
      const run = await box.exec(command, { user })
      run.stdin.end(input)
      const { exitCode, stdout } = await run.result()
      return { code: exitCode, out: stdout.toString().trim() }
    }
    const sh = (script: string, user?: string): Promise<Ended> => ask(['sh', '-c', script], user)
    const outside = (script: string): string => spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout

    test(`${ENGINE}: exit codes are the command's own, 126, 127 and 128+n`, async () => {
      const codes = [
        ['true'],
        ['sh', '-c', 'exit 37'],
        ['/etc/passwd'],
        ['no-such-command'],
        ['sh', '-c', 'kill -9 $$'],
      ]
      const found: number[] = []
      for (const command of codes) found.push((await ask(command)).code)
      assert.deepEqual(found, [0, 37, 126, 127, 137])
    })

    test(`${ENGINE}: ten million bytes go through a box and come out the same`, async () => {
      const bytes = randomBytes(10_000_000)
      const run = await box.exec(['cat'])
      run.stdin.end(bytes)
      const { stdout } = await run.result()
      const digest = (of: Buffer): string => createHash('sha256').update(of).digest('hex')
      assert.equal(digest(stdout), digest(bytes))
    })

    test(`${ENGINE}: SIGTERM reaches a command, and its exit code comes back`, async () => {
      const run = await box.exec(['sh', '-c', 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done'])
      await once(run.stdout, 'data')
      run.kill('SIGTERM')
      assert.equal(await run.exitCode, 9)
    })

    test(`${ENGINE}: files go in and come out; a copy that is refused ends`, async () => {
      writeFileSync(join(folder, 'in'), 'over the wall\n')
      await box.copyIn(join(folder, 'in'), '/tmp/in')
      assert.equal((await sh('tr a-z A-Z < /tmp/in > /tmp/out; exit 3')).code, 3)
      await box.copyOut('/tmp/out', join(folder, 'out'))
      assert.equal(readFileSync(join(folder, 'out'), 'utf8'), 'OVER THE WALL\n')
      const place = mkdtempSync(join(folder, 'place-'))
      await sh('mkdir /tmp/d && ln -s /etc/passwd /tmp/d/a && head -c 2000000 /dev/zero > /tmp/d/b')
      await assert.rejects(box.copyOut('/tmp/d', place), { code: 'COPY_REFUSED' })
      assert.deepEqual(readdirSync(place), [])
      await sh('rm -r /tmp/d')
    })

    test(`${ENGINE}: no file, variable, name or path of the user or the host comes in`, async () => {
      const look = `cat ${folder}/nonce ${home} 2> /dev/null; env; hostname; id; cat /etc/machine-id /proc/self/mountinfo /proc/1/cmdline`
      const control = outside(`${look}`)
      assert.ok(control.includes(nonce) && control.includes(hostname()), 'control: outside they are seen')
      const found = (await sh(look)).out
      const machineId = outside('cat /etc/machine-id').trim()
      for (const secret of [nonce, homedir(), machineId])
        assert.ok(secret.length < 4 || !found.includes(secret), secret)
      assert.match(found, /^box$/m)
    })

    test(`${ENGINE}: no capability and no new one, whoever it is, and no root can swap our program`, async () => {
      for (const user of ['user', 'root']) {
        const { out } = await ask(['cat', '/proc/self/status'], user)
        for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
          assert.match(out, new RegExp(`^Cap${set}:\\s+0+$`, 'm'))
        assert.match(out, /^NoNewPrivs:\s+1$/m)
      }
      assert.match(readFileSync('/proc/self/status', 'utf8'), /^NoNewPrivs:\s+0$/m, 'control: not so outside')
      const swap = 'mv /run/glovebox /run/moved && mkdir /run/glovebox && cp /bin/true /run/glovebox/guest'
      assert.notEqual((await sh(swap, 'root')).code, 0)
      assert.notEqual(
        (await sh('rm -f /run/glovebox/guest || cp /bin/true /run/glovebox/guest', 'root')).code,
        0,
      )
      assert.equal(
        (await sh('mkdir /run/own && mv /run/own /run/moved && echo moved', 'root')).out,
        'moved',
        'control',
      )
    })

    test(`${ENGINE}: the root of a box cannot reach the port, the disks or the modules of its machine`, async () => {
      const tries = [
        'mknod /tmp/port c 248 1',
        'mount -t devtmpfs x /mnt',
        'mount -t tmpfs x /mnt',
        'ls /dev/vport* /dev/vd*',
        'echo c > /proc/sysrq-trigger',
      ]
      for (const words of tries) assert.notEqual((await sh(words, 'root')).code, 0, words)
    })

    test(`${ENGINE}: no network but its own loopback; a listener of the host is not reached`, async () => {
      let reached = 0
      const server = createServer((socket) => {
        reached++
        socket.destroy()
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      try {
        const { port } = server.address() as { port: number }
        const words = ['socket', 'connect', '127.0.0.1', String(port)]
        await once(spawn(probe.path, words, { stdio: 'ignore' }), 'close')
        assert.equal(reached, 1, 'control: the probe reaches it outside')
        assert.match((await ask(['/tmp/probe', ...words])).out, /^errno/)
        assert.equal(reached, 1)
        assert.equal(
          (await ask(['/tmp/probe', 'socket', 'own'])).out,
          'ok',
          'the loopback of the box itself works',
        )
      } finally {
        server.close()
      }
    })

    test(`${ENGINE}: System V memory and messages of the host are not there`, async () => {
      for (const kind of ['shm', 'msg']) {
        const key = String(1_000_000 + Math.floor(Math.random() * 1e9))
        const host = (...words: string[]): string =>
          spawnSync(probe.path, ['ipc', kind, ...words], { encoding: 'utf8' }).stdout
        host('put', key, nonce)
        try {
          assert.match((await ask(['/tmp/probe', 'ipc', kind, 'get', key])).out, /^errno/)
          assert.match(host('get', key), new RegExp(nonce), 'control: it can be read outside')
        } finally {
          host('rm', key)
        }
      }
    })

    test(`${ENGINE}: a command ends although something it left behind holds its output open`, async () => {
      assert.deepEqual(await sh('sleep 1000 & echo done'), { code: 0, out: 'done' })
    })

    test(`${ENGINE}: processes and open files are bounded, and a fork bomb kills only itself`, async () => {
      const [processes] = (await ask(['/tmp/probe', 'use', 'processes', '100'])).out.split('\n')
      assert.ok(Number(processes) > 5 && Number(processes) < 60, `${processes} were made`)
      assert.equal((await sh('ulimit -n')).out, '64')
      const bomb = await box.exec(['sh', '-c', 'echo lit; bomb() { bomb | bomb & }; bomb; sleep 1000'], {
        user: 'nobody',
      })
      bomb.stdin.end()
      await once(bomb.stdout, 'data')
      bomb.stdout.resume()
      bomb.stderr.resume()
      assert.equal((await sh('echo alive', 'root')).out, 'alive', 'another user still can')
      /* The bomb may leave no room for who ends it, for a moment. */
      while ((await sh('kill -9 -1', 'nobody')).code !== 0);
      await bomb.exitCode
    })

    /* The last one, as it leaves no room. */
    test(`${ENGINE}: what the box may write is bounded, and a full disk leaves it alive`, async () => {
      const [made] = (await ask(['/tmp/probe', 'use', 'disk', '64', '/tmp/fill'])).out.split('\n')
      assert.ok(Number(made) > 4 && Number(made) <= DISK_MIB, `${made} MiB were written`)
      assert.equal((await sh('echo alive')).out, 'alive')
    })
  })
