import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { findGate, type Gate, rereadNames, runNft } from '../../src/box/gate.ts'
import type { NetworkStatus } from '../../src/box/network-show.ts'
import { runInGate } from '../../src/host/gate.ts'
import { identityOf, isAlive } from '../../src/host/process-identity.ts'
import type { Lab } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { networkFiles } from '../../src/network/gate.ts'
import { GloveboxError } from '../../src/sdk.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'
import { Boxes } from './networked.ts'

/* The gate of a running box, entered from outside: as the user who tests, an ordinary one or root. */

let lab: Lab
let boxes: Boxes
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
})
after(() => lab?.[Symbol.asyncDispose]())

const refused = (address: string): string => `add element inet glovebox refused4 { ${address} }\n`
const codeOf = (code: string) => (error: unknown) => error instanceof GloveboxError && error.code === code

for (const engine of ['container', 'uml'])
  describe(engine, () => {
    let box: string
    let dir: string
    let gate: Gate
    before(async () => {
      ;({ box, dir } = await boxes.start(engine))
      gate = findGate(openContext(), box)
    })
    after(() => boxes.end(box))

    test('what nft adds in the gate is refused at once', async () => {
      assert.equal(await boxes.answers(box, SITES.other.four, 80), 'internet')
      assert.equal(await runNft(gate, ['-f', '-'], refused(SITES.other.four)), '')
      assert.equal(await boxes.answers(box, SITES.other.four, 80), undefined)
      assert.equal(await boxes.answers(box, SITES.allowed.four, 80), 'internet')
    })

    test('what nft refuses is told in its words, and changes nothing', async () => {
      const before = await runNft(gate, ['list', 'ruleset'])
      const script = `${refused(SITES.allowed.four)}add element inet glovebox refused4 { nonsense/99 }\n`
      await assert.rejects(runNft(gate, ['-f', '-'], script), (error) => {
        assert.ok(codeOf('NETWORK_NOT_CHANGED')(error))
        assert.match(String(error), /nonsense/)
        return true
      })
      assert.equal(await runNft(gate, ['list', 'ruleset']), before)
    })

    test('network show prints what the kernel has, not what a file says', async () => {
      await runNft(gate, ['-f', '-'], refused('45.99.99.0/24'))
      assert.doesNotMatch(readFileSync(networkFiles(dir).rules, 'utf8'), /45\.99\.99/)
      const text = await boxes.glovebox('network', 'show', box).result
      assert.equal(text.code, 0, text.stderr)
      assert.match(text.stdout, /can reach\n {2}- the internet/)
      assert.match(text.stdout, /- 192\.168\.7\.2\n/)
      assert.match(text.stdout, /45\.99\.99\.0\/24/)
      const { stdout } = await boxes.glovebox('network', 'show', '--json', box).result
      const status = JSON.parse(stdout) as NetworkStatus
      assert.equal(status.box, box)
      assert.ok(status.policy.internet)
      assert.ok(status.refused.addresses.includes('192.168.7.2'))
      assert.ok(status.refused.networks.includes('192.168.7.0/24'))
      assert.deepEqual(status.refused.moved, [])
      assert.equal(status.rules, await runNft(gate, ['list', 'table', 'inet', 'glovebox']))
    })

    test('the resolver reads its policy anew when it is told to', async () => {
      const { names, namesLog: both } = networkFiles(dir)
      const [namesLog] = both
      const watcher = watch(namesLog)
      const readings = () => readFileSync(namesLog, 'utf8').match(/"event":"policy"/g)?.length ?? 0
      const had = readings()
      writeFileSync(names, `deny ${SITES.other.name}\n${readFileSync(names, 'utf8')}`)
      await rereadNames(gate)
      while (readings() === had) await new Promise((resolve) => watcher.once('change', resolve))
      watcher.close()
      const name = (of: string) =>
        boxes.glovebox('exec', box, '--', 'timeout', '20', 'getent', 'hosts', of).result
      assert.notEqual((await name(SITES.other.name)).code, 0)
      assert.equal((await name(SITES.allowed.name)).code, 0)
    })

    test('a tool in the gate has power over the gate, and none of the user', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'glovebox-gate-'))
      const secret = join(folder, 'secret')
      writeFileSync(secret, 'the users own', { mode: 0o600 })
      const cat = (path: string) => runInGate(gate.holder, gate.anchor, ['/bin/cat', path], '')
      const { stdout: status } = await cat('/proc/self/status')
      const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim()
      const only = (1 << 12).toString(16).padStart(16, '0')
      assert.deepEqual(['CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb'].map(field), [
        ...[only, only, only],
        ...['0'.repeat(16), '0'.repeat(16)],
      ])
      assert.deepEqual([field('Groups'), field('NoNewPrivs')], ['', '1'])
      const read = await cat(secret)
      assert.notEqual(read.exitCode, 0)
      assert.equal(read.stdout, '')
      rmSync(folder, { recursive: true })
    })

    test('a tool in the gate ends with whoever started it', async () => {
      const { pid, startTime } = gate.anchor
      const words = ['gate', '--target', String(pid), startTime, '--', '/bin/sleep', '1000000']
      // What is started says its pid by becoming the holder; its caller waits for it.
      const script = 'sh -c \'echo $$; exec "$@"\' sh "$@"; :'
      const caller = spawn('sh', ['-c', script, 'sh', gate.holder, ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = (await once(caller.stdout, 'data')) as [Buffer]
      const tool = Number(line.toString())
      const name = () => readFileSync(`/proc/${tool}/comm`, 'utf8')
      while (name() !== 'sleep\n') await new Promise(setImmediate)
      const was = identityOf(tool)
      assert.ok(was !== undefined)
      caller.kill('SIGKILL')
      while (isAlive(was)) await new Promise(setImmediate)
    })

    test('a pid that is another process by now is not entered', async () => {
      const list = [gate.nft, 'list', 'tables'] as const
      assert.equal((await runInGate(gate.holder, gate.anchor, list, '')).exitCode, 0)
      const own = identityOf(process.pid)
      assert.ok(own !== undefined)
      for (const wrong of [
        { ...gate.anchor, startTime: gate.keeper.startTime === '1' ? '2' : '1' },
        { ...own, startTime: gate.anchor.startTime },
        { ...gate.anchor, pid: 4_194_303 },
      ]) {
        const { exitCode, stdout, stderr } = await runInGate(gate.holder, wrong, list, '')
        assert.deepEqual([exitCode, stdout], [1, ''])
        assert.match(stderr, /is not of it any more|is gone/)
        await assert.rejects(rereadNames({ ...gate, keeper: wrong }), codeOf('NETWORK_NOT_CHANGED'))
      }
    })
  })

test('only a running box with a network has a gate', async () => {
  const context = openContext()
  const find = (name: string) => () => findGate(context, name)
  assert.throws(find('no-such-box'), codeOf('BOX_NOT_FOUND'))
  const closed = await boxes.glovebox('run', '--detach', '--', 'sleep', 'infinity').result
  assert.throws(find(closed.stdout.trim()), codeOf('BOX_HAS_NO_NETWORK'))
  const shown = await boxes.glovebox('network', 'show', '--json', closed.stdout.trim()).result
  assert.match(shown.stdout + shown.stderr, /BOX_HAS_NO_NETWORK/)
  await boxes.end(closed.stdout.trim())
  const { box } = await boxes.start('container')
  const gate = find(box)()
  const { code, stderr } = await lab.run('host', ['bash', '-c', `kill -9 ${gate.keeper.pid}`]).result
  assert.equal(code, 0, stderr)
  const events = boxes.glovebox('events', '--follow', '--json', box)
  await events.until('network-closed')
  assert.throws(find(box), codeOf('GATE_CLOSED'))
  await boxes.glovebox('stop', '--grace', '0s', box).result
  assert.throws(find(box), (error) => codeOf('BOX_NOT_RUNNING')(error) || codeOf('BOX_NOT_FOUND')(error))
  await boxes.glovebox('rm', box).result
})
