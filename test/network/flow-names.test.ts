import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PACKAGE_ROOT, run } from '../guest/program.ts'
import { openWorld, type World } from './world.ts'
import type { Zone } from './world-types.ts'

/* The names in the lines of the flow log. Addresses of 44.99.0.0/16 are of the namespace's loopback. */

const PORT = 9
const POLICY = 'any\nend\n'
let world: World
let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-flow-names-'))
  const source = join(PACKAGE_ROOT, 'test/network/with_pair.c')
  const built = await run(['gcc', '-Wall', '-Wextra', '-Werror', source, '-o', join(folder, 'pair')])
  assert.deepEqual([built.code, built.stderr], [0, ''])
  world = await openWorld()
  await world.call.run('ip', 'route', 'add', 'local', '44.99.0.0/16', 'dev', 'lo')
  await world.call.nft(
    'add chain inet glovebox flows { type filter hook output priority 0; }; ' +
      'add rule inet glovebox flows ct state established accept; ' +
      'add rule inet glovebox flows udp dport 9999 log prefix "refused " group 7 drop',
  )
  await world.call.startBoth(join(folder, 'pair'), POLICY, [
    ...['--receive-bytes', '8000000', '--resolver', '127.0.0.1', '--resolver', '198.51.100.1'],
  ])
  await world.logged({ event: 'ready' })
  await world.logged({ event: 'ready' })
})
after(async () => {
  await world?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const address = (i: number): string => `44.99.${i >> 8}.${i & 255}`
const zone = (name: string, data: string): Zone => ({ answers: [{ name, type: 'A', ttl: 300, data }] })

test('a flow to an address that was answered has its name and its verdict, one to another address has none', async () => {
  await world.call.zone({ 'named.test': zone('named.test', '44.99.200.1') })
  assert.equal(await world.call.askAndSend(['Named.test'], PORT), 1)
  const start = await world.logged({ flow: 'start', to: '44.99.200.1' })
  assert.deepEqual([start['name'], start['verdict']], ['named.test', 'allowed'])
  await world.call.datagrams([PORT])
  const nameless = await world.logged({ flow: 'start', to: '198.51.100.1' })
  assert.deepEqual([nameless['name'], nameless['verdict']], [undefined, 'allowed'])
})

test('the last name that was answered counts', async () => {
  await world.call.zone({
    'first.test': zone('first.test', '44.99.201.1'),
    'last.test': zone('last.test', '44.99.201.1'),
  })
  await world.call.askAndSend(['first.test'], 10)
  assert.equal((await world.logged({ flow: 'start', to: '44.99.201.1' }))['name'], 'first.test')
  await world.call.askAndSend(['last.test'], 11)
  assert.equal((await world.logged({ flow: 'start', to: '44.99.201.1' }))['name'], 'last.test')
})

test('a refused packet has the name of where it was to go', async () => {
  await world.call.zone({ 'refused.test': zone('refused.test', '44.99.202.1') })
  await world.call.askAndSend(['refused.test'], 9999)
  const line = await world.logged({ flow: 'refused', to: '44.99.202.1' })
  assert.deepEqual([line['name'], line['verdict'], line['why']], ['refused.test', 'refused', 'refused '])
})

test('an answer that was refused gives no name', async () => {
  await world.call.zone({ 'rebinds.test': zone('rebinds.test', '192.168.99.1') })
  assert.equal(await world.call.askAndSend(['rebinds.test'], PORT), 0)
  await world.logged({ name: 'rebinds.test', verdict: 'rebinding' })
  await world.call.run('ip', 'route', 'add', 'local', '192.168.99.0/24', 'dev', 'lo')
  await world.call.run('bash', '-c', 'echo x > /dev/udp/192.168.99.1/9')
  assert.equal((await world.logged({ flow: 'start', to: '192.168.99.1' }))['name'], undefined)
})

test('a thousand flows that begin right after their answers all have their names', async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `n${i}.test`)
  await world.call.zone(Object.fromEntries(names.map((name, i) => [name, zone(name, address(i))])))
  world.takeLog()
  assert.equal(await world.call.askAndSend(names, PORT), names.length)
  const named = new Map<unknown, unknown>()
  while (named.size < names.length) {
    await world.more()
    for (const line of world.takeLog()) {
      assert.notEqual(line['event'], 'lost', JSON.stringify(line))
      if (line['flow'] === 'start') named.set(line['to'], line['name'])
    }
  }
  assert.deepEqual(
    names.filter((name, i) => named.get(address(i)) !== name),
    [],
  )
})

test('questions are no flows: neither those of the box nor those of its resolver', async () => {
  await world.call.zone({ 'quiet.test': zone('quiet.test', '44.99.203.1') })
  world.takeLog()
  await world.call.askAndSend(['quiet.test'], PORT)
  await world.logged({ name: 'quiet.test', verdict: 'answered' })
  assert.equal(await world.call.stop('SIGTERM'), 0)
  const flows = []
  for (let ended = false; !ended; ) {
    await world.more()
    for (const line of world.takeLog()) {
      if (line['flow'] !== undefined) flows.push(line)
      ended ||= line['event'] === 'end'
    }
  }
  assert.ok(flows.some((line) => line['flow'] === 'open' && line['name'] === 'quiet.test'))
  assert.deepEqual(
    flows.filter((line) => line['toPort'] === 53),
    [],
  )
})

test('names that the resolver could not tell are counted, and their flows are told without a name', async () => {
  await world.call.startBoth(join(folder, 'pair'), POLICY, ['--resolver', '127.0.0.1'])
  await world.logged({ event: 'ready' })
  await world.logged({ event: 'ready' })
  const names = Array.from({ length: 4000 }, (_, i) => `m${i}.test`)
  await world.call.zone(Object.fromEntries(names.map((name, i) => [name, zone(name, address(i))])))
  world.takeLog()
  await world.call.signal('SIGUSR1')
  assert.equal(await world.call.askAndSend(names, 8), names.length)
  await world.call.signal('SIGUSR2')
  let [named, lost] = [0, 0]
  while (lost === 0) {
    await world.more()
    for (const line of world.takeLog()) {
      if (line['flow'] === 'start' && line['name'] !== undefined) named++
      if (line['event'] === 'lost') lost += Number(line['names'] ?? 0)
    }
  }
  assert.ok(named > 0 && lost < names.length, `${named} named, ${lost} lost`)
})
