import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, TYPES } from '../../src/lab/dns.ts'
import { resolverFile } from '../../src/network/resolver.ts'
import { openWorld, type World } from './world.ts'

const FAILED = 2
let world: World
before(async () => {
  world = await openWorld()
  const allow = ['a.test', 'b.test', 'six.test', 'both.c.test'].map((name) => ({ name, classes: [0] }))
  const policy = { any: false, allow: [], deny: [], types: [], refuse: [], hosts: [] }
  const grant = ['10.0.0.0/8', 'fd00::/8']
  await world.call.start(
    resolverFile({ ...policy, grant, inward: [...allow, { name: '*.c.test', classes: [3] }] }),
    [],
  )
  await world.logged({ event: 'ready' })
})
after(() => world[Symbol.asyncDispose]())

async function ask(name: string, type: number = TYPES.A): Promise<Answer> {
  const answer = await world.call.ask(name, type, {})
  assert.ok(answer !== 'no answer', `no answer for ${name}`)
  return answer
}

const zone = (entries: Readonly<Record<string, readonly [string, number]>>): Promise<void> =>
  world.call.zone(
    Object.fromEntries(
      Object.entries(entries).map(([name, [data, ttl]]) => [
        name,
        { answers: [{ name, type: data.includes(':') ? ('AAAA' as const) : ('A' as const), ttl, data }] },
      ]),
    ),
  )

interface Element {
  readonly elem?: { readonly val: string; readonly timeout: number; readonly expires: number }
}

/** Address → seconds until it expires, and its timeout. */
async function elements(set: string): Promise<Record<string, { timeout: number; expires: number }>> {
  const listed = JSON.parse(await world.call.nft('-j', 'list', 'set', 'inet', 'glovebox', set)) as {
    nftables: readonly { set?: { elem?: readonly Element[] } }[]
  }
  const found = listed.nftables
    .flatMap((part) => part.set?.elem ?? [])
    .flatMap(({ elem }) => (elem ? [elem] : []))
  return Object.fromEntries(found.map(({ val, timeout, expires }) => [val, { timeout, expires }]))
}

test('the addresses of an allowed name are in its sets when the answer arrives, for the TTL and a little', async () => {
  await zone({
    'a.test': ['203.0.113.1', 300],
    'six.test': ['2606:4700::7', 60],
    'x.c.test': ['203.0.113.3', 40],
    'both.c.test': ['203.0.113.4', 40],
  })
  assert.deepEqual(await elements('allowed4'), {})
  await ask('a.test')
  assert.equal((await elements('allowed4'))['203.0.113.1']?.timeout, 315)
  await ask('six.test', TYPES.AAAA)
  assert.equal((await elements('allowed6'))['2606:4700::7']?.timeout, 75)
  await ask('x.c.test')
  await ask('both.c.test')
  assert.deepEqual(Object.keys(await elements('allowed4')).sort(), ['203.0.113.1', '203.0.113.4'])
  assert.deepEqual(Object.keys(await elements('allowed4_3')).sort(), ['203.0.113.3', '203.0.113.4'])
})

test('an address that is there already stays for the longest that was promised', async () => {
  await zone({ 'a.test': ['203.0.113.20', 30], 'b.test': ['203.0.113.20', 900] })
  await world.call.policy('allow a.test\nallow b.test\nend\n')
  await world.logged({ event: 'policy' })
  await ask('a.test')
  assert.equal((await elements('allowed4'))['203.0.113.20']?.timeout, 45)
  await ask('b.test')
  assert.ok(((await elements('allowed4'))['203.0.113.20']?.expires ?? 0) > 800)
  await world.call.policy('allow a.test\nallow b.test\nallow c.test\nend\n')
  await world.logged({ event: 'policy' })
  /* What somebody else put there, or the resolver before it forgot, is refreshed too; and a short TTL shortens nothing. */
  await world.call.nft('add element inet glovebox allowed4 { 203.0.113.21 timeout 20s }')
  await zone({ 'a.test': ['203.0.113.21', 700], 'b.test': ['203.0.113.21', 30] })
  await ask('a.test')
  assert.ok(((await elements('allowed4'))['203.0.113.21']?.expires ?? 0) > 650)
  await ask('b.test')
  assert.ok(((await elements('allowed4'))['203.0.113.21']?.expires ?? 0) > 650)
  /* One that has gone meanwhile is added anew. */
  await world.call.nft('flush set inet glovebox allowed4')
  await zone({ 'c.test': ['203.0.113.21', 2000] })
  await ask('c.test')
  assert.ok(((await elements('allowed4'))['203.0.113.21']?.expires ?? 0) > 1900)
})

test('without its set no answer goes to the box, and with it again one does', async () => {
  await world.call.policy('allow a.test 9\nend\n')
  await world.logged({ event: 'policy' })
  await zone({ 'a.test': ['203.0.113.30', 300] })
  const closed = await ask('a.test')
  assert.deepEqual([closed.rcode, closed.records], [FAILED, []])
  await world.logged({ name: 'a.test', verdict: 'closed' })
  await world.call.nft('add set inet glovebox allowed4_9 { type ipv4_addr; flags timeout; }')
  assert.equal((await ask('a.test')).rcode, 0)
  assert.ok('203.0.113.30' in (await elements('allowed4_9')))
})

test('each question upstream has the mark by which the firewall knows it, over TCP too', async () => {
  const chain = 'inet glovebox out'
  await world.call.nft(`add chain ${chain} { type filter hook output priority 0; }`)
  for (const rule of ['meta mark 0x67620001 counter accept', 'counter drop'])
    await world.call.nft(
      `add rule ${chain} ip daddr 198.51.100.1 meta l4proto { tcp, udp } th dport 53 ${rule}`,
    )
  await world.call.policy('any\nend\n')
  await world.logged({ event: 'policy' })
  const answers = [{ name: 'm.test', type: 'A' as const, ttl: 9, data: '203.0.113.50' }]
  await world.call.zone({ 'm.test': { answers, how: 'truncated' } })
  assert.equal((await ask('m.test')).records.length, 1)
  const counted = (await world.call.nft('list', 'chain', ...chain.split(' '))).match(/counter packets \d+/g)
  assert.match(counted?.[0] ?? '', /packets [1-9]/)
  assert.equal(counted?.[1], 'counter packets 0')
  await world.call.nft(`delete chain ${chain}`)
})

test('a set that is full closes, too', async () => {
  await world.call.nft('add set inet glovebox allowed4_10 { type ipv4_addr; flags timeout; size 1; }')
  await world.call.policy('allow a.test 10\nallow b.test 10\nend\n')
  await world.logged({ event: 'policy' })
  await zone({ 'a.test': ['203.0.113.40', 300], 'b.test': ['203.0.113.41', 300] })
  assert.equal((await ask('a.test')).rcode, 0)
  assert.equal((await ask('b.test')).rcode, FAILED)
})

test('it ends on SIGTERM, in order', async () => {
  assert.equal(await world.call.stop('SIGTERM'), 0)
})
