import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PACKAGE_ROOT, run } from '../guest/program.ts'
import { openWorld, type World } from './world.ts'

const PEER = '198.51.100.1'
let world: World
let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-flows-'))
  const source = join(PACKAGE_ROOT, 'test/network/flush_conntrack.c')
  const built = await run(['gcc', '-Wall', '-Wextra', '-Werror', source, '-o', join(folder, 'flush')])
  assert.deepEqual([built.code, built.stderr], [0, ''])
  world = await openWorld()
  await world.call.nft(
    'add chain inet glovebox flows { type filter hook output priority 0; }; ' +
      'add rule inet glovebox flows ct state established accept; ' +
      'add rule inet glovebox flows udp dport 9999 log prefix "refused: back\\slash" group 7 drop',
  )
  await world.call.startFlows()
  await world.logged({ event: 'ready' })
})
after(async () => {
  await world[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

test('a flow is told of when it begins, and with its bytes and times when it ends', async () => {
  const fromPort = await world.call.connect(100_000)
  const start = await world.logged({ flow: 'start', fromPort })
  assert.deepEqual([start['protocol'], start['from'], start['to']], ['tcp', PEER, PEER])
  await world.call.run(join(folder, 'flush'))
  const end = await world.logged({ flow: 'end', fromPort })
  assert.equal(end['id'], start['id'])
  for (const way of ['sent', 'received']) {
    assert.ok(Number(end[`${way}Bytes`]) > 100_000, JSON.stringify(end))
    assert.ok(Number(end[`${way}Packets`]) > 1)
  }
  assert.ok(Number(end['start']) > 1e9 && Number(end['end']) >= Number(end['start']))
})

test('what the firewall refuses is told of, with its reason and nothing else of its bytes', async () => {
  assert.equal(await world.call.datagrams([9999]), 0)
  const refused = await world.logged({ flow: 'refused' })
  const { protocol, to, toPort, why } = refused
  assert.deepEqual({ protocol, to, toPort }, { protocol: 'udp', to: PEER, toPort: 9999 })
  assert.equal(why, 'refused: back?slash')
})

test('beginnings that it could not be told of are counted: none is missing in silence', async () => {
  world.takeLog()
  await world.call.signal('SIGSTOP')
  const ports = Array.from({ length: 4000 }, (_, i) => 20_000 + i)
  assert.equal(await world.call.datagrams(ports), ports.length)
  await world.call.signal('SIGCONT')
  await world.logged({ event: 'late' })
  assert.equal(await world.call.stop('SIGTERM'), 0)
  let [told, lost] = [0, 0]
  for (let ended = false; !ended; ) {
    const lines = world.takeLog()
    told += lines.filter((line) => line['flow'] === 'start').length
    lost += lines.reduce(
      (sum, line) => sum + (line['event'] === 'lost' ? Number(line['starts'] ?? line['lines'] ?? 0) : 0),
      0,
    )
    ended = lines.some((line) => line['event'] === 'end')
    if (!ended) await world.more()
  }
  assert.equal(told + lost, ports.length)
  assert.ok(told > 0 && lost > 0, `${told} told, ${lost} lost`)
})

test('what is still open at the end is told of then, all of it, however slow the reader is', async () => {
  await world.call.run(join(folder, 'flush'))
  await world.call.run('sh', '-c', 'echo 3600 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout')
  await world.call.startFlows()
  await world.logged({ event: 'ready' })
  /* Their lines are several times what a pipe and the buffer hold. */
  const ports = Array.from({ length: 3000 }, (_, i) => 20_000 + i)
  assert.equal(await world.call.datagrams(ports), ports.length)
  const fromPort = await world.call.connect(5000)
  world.takeLog()
  assert.equal(await world.call.stopUnread(), 0)
  const open: unknown[] = []
  for (let ended = false; !ended; ) {
    await world.more()
    const lines = world.takeLog()
    for (const line of lines) if (line['flow'] === 'open') open.push(line)
    const own = lines.find((line) => line['flow'] === 'open' && line['fromPort'] === fromPort)
    if (own !== undefined) assert.ok(Number(own['sentBytes']) > 5000)
    ended = lines.some((line) => line['event'] === 'end')
  }
  assert.ok(open.some((line) => (line as { fromPort: number }).fromPort === fromPort))
  assert.ok(open.length > ports.length, `${open.length} of ${ports.length + 1} flows`)
})
