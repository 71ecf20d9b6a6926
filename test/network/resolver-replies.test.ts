import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, type Entry, nameBytes, TYPES } from '../../src/lab/dns.ts'
import { openWorld, type World } from './world.ts'

const [REFUSED, FAILED] = [5, 2]
const PUBLIC = '203.0.113.7'

let world: World
before(async () => {
  world = await openWorld()
  await world.call.start('any\nend\n', [])
  await world.logged({ event: 'ready' })
})
after(() => world[Symbol.asyncDispose]())

async function ask(name: string, type: number = TYPES.A): Promise<Answer> {
  const answer = await world.call.ask(name, type, {})
  assert.ok(answer !== 'no answer', `no answer for ${name}`)
  return answer
}

const entry = (name: string, type: Entry['type'], data: string, ttl = 300): Entry => ({
  name,
  type,
  ttl,
  data,
})
const dataOf = (answer: Answer): string[] => answer.records.map((record) => record.data)

const INWARD = [
  ...[
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.0.0.8',
    '192.168.1.1',
  ],
  ...['198.18.0.1', '224.0.0.251', '239.255.255.250', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::ffff:192.168.1.1',
    '::ffff:203.0.113.7',
    '::10.0.0.1',
    'fe80::1',
    'fec0::1',
    'fd00::1',
    'fc00::1',
    'ff02::fb',
  ],
  ...[
    '64:ff9b::c0a8:101',
    '64:ff9b:1::1',
    '2002:c0a8:101::1',
    '2001:0:a00:1::1',
    '2001:0:cb00:7107:0:0:3f57:fefe',
  ],
]
const OUTWARD = [
  '1.1.1.1',
  '100.128.0.1',
  '172.32.0.1',
  '192.169.0.1',
  '2606:4700::1111',
  '64:ff9b::101:101',
  '2002:cb00:7107::1',
]
const textOf = (address: string): string =>
  address.replace(/^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, head: string, ...d: string[]) => {
    const [w = 0, x = 0, y = 0, z = 0] = d.slice(0, 4).map(Number)
    return `${head}${(w * 256 + x).toString(16)}:${(y * 256 + z).toString(16)}`
  })

test('an answer that points inward is refused whole, unless that very range is granted, to names that are said to lie inward', async () => {
  const all = [...INWARD, ...OUTWARD, '5.6.7.8']
  const typeOf = (address: string): 'A' | 'AAAA' => (address.includes(':') ? 'AAAA' : 'A')
  const nameOf = (address: string): string => `n${all.indexOf(address)}.test`
  await world.call.zone(
    Object.fromEntries(
      all.map((address) => {
        const good = entry(
          nameOf(address),
          typeOf(address),
          address.includes(':') ? '2606:4700::1' : '1.1.1.1',
        )
        return [
          nameOf(address),
          { answers: [good, entry(nameOf(address), typeOf(address), textOf(address))] },
        ]
      }),
    ),
  )
  for (const address of INWARD) {
    const answer = await ask(nameOf(address), TYPES[typeOf(address)])
    assert.deepEqual([answer.rcode, answer.records], [REFUSED, []], address)
    await world.logged({ name: nameOf(address), verdict: 'rebinding' })
  }
  for (const address of OUTWARD)
    assert.equal((await ask(nameOf(address), TYPES[typeOf(address)])).records.length, 2, address)
  /* The control: it is the range that refuses them, and a range of the LAN's own can be added. */
  const inward = ['192.168.1.1', 'fd00::1', '10.1.2.3'].map((address) => `inward ${nameOf(address)}\n`)
  const granted = 'any\ngrant 192.168.1.0/24\ngrant fd00::/8\nrefuse 5.6.0.0/16\n'
  await world.call.policy(`${granted}end\n`)
  await world.logged({ event: 'policy' })
  assert.equal((await ask(nameOf('192.168.1.1'))).rcode, REFUSED)
  await world.call.policy(`${granted}${inward.join('')}end\n`)
  await world.logged({ event: 'policy' })
  assert.equal((await ask(nameOf('192.168.1.1'))).records.length, 2)
  assert.equal((await ask(nameOf('fd00::1'), TYPES.AAAA)).records.length, 2)
  assert.equal((await ask(nameOf('5.6.7.8'))).rcode, REFUSED)
  assert.equal((await ask(nameOf('10.1.2.3'))).rcode, REFUSED)
})

test('a reply counts only with the id, the name and the capitals of the question', async () => {
  const answers = [entry('forged.test', 'A', PUBLIC)]
  await world.call.zone({
    'forged.test': { answers, how: 'forged' },
    'liar.test': { answers: [entry('liar.test', 'A', PUBLIC)], how: 'liar' },
  })
  await world.call.asked()
  assert.deepEqual(dataOf(await ask('forged.test')), [PUBLIC])
  assert.deepEqual(dataOf(await ask('liar.test')), [PUBLIC])
  assert.deepEqual(
    (await world.call.asked()).map(({ transport }) => transport),
    ['udp', 'udp', 'tcp'],
  )
})

test('what a datagram cannot hold, or never brings, is asked over TCP', async () => {
  await world.call.zone({ 'long.test': { answers: [entry('long.test', 'A', PUBLIC)], how: 'truncated' } })
  await world.call.asked()
  assert.deepEqual(dataOf(await ask('long.test')), [PUBLIC])
  assert.deepEqual(
    (await world.call.asked()).map(({ transport }) => transport),
    ['udp', 'tcp'],
  )
})

test('a name without an answer holds up no other, and fails at last', async () => {
  await world.call.zone({
    'silent.test': { rcode: 2, how: 'silent' },
    'quick.test': { answers: [entry('quick.test', 'A', PUBLIC)] },
  })
  const order: string[] = []
  const asking = async (name: string): Promise<Answer> => {
    const answer = await ask(name)
    order.push(name)
    return answer
  }
  const silent = asking('silent.test')
  assert.deepEqual(dataOf(await asking('quick.test')), [PUBLIC])
  assert.equal((await silent).rcode, FAILED)
  assert.deepEqual(order, ['quick.test', 'silent.test'])
  await world.logged({ name: 'silent.test', verdict: 'failed' })
})

test('an answer is kept for its TTL at most, the least of all its records', async () => {
  await world.call.zone({
    'kept.test': {
      answers: [entry('kept.test', 'CNAME', 'end.test', 100), entry('end.test', 'A', PUBLIC, 5000)],
    },
    'zero.test': { answers: [entry('zero.test', 'A', PUBLIC, 0)] },
    'long-lived.test': { answers: [entry('long-lived.test', 'A', PUBLIC, 100_000)] },
    'none.test': { rcode: 3 },
  })
  await world.call.asked()
  const kept = await ask('kept.test')
  assert.deepEqual(dataOf(kept), ['end.test', PUBLIC])
  assert.deepEqual(
    kept.records.map(({ ttl }) => ttl),
    [100, 100],
  )
  assert.ok((await ask('kept.test')).records.every(({ ttl }) => ttl > 0 && ttl <= 100))
  await world.logged({ name: 'kept.test', verdict: 'cached' })
  assert.equal((await ask('long-lived.test')).records[0]?.ttl, 3600)
  for (const name of ['zero.test', 'zero.test', 'none.test', 'none.test']) await ask(name)
  const asked = (await world.call.asked()).map(({ name }) => name.toLowerCase())
  assert.deepEqual(asked, [
    'kept.test',
    'long-lived.test',
    'zero.test',
    'zero.test',
    'none.test',
    'none.test',
  ])
})

test('records that do not answer the question are left out', async () => {
  await world.call.zone({
    'own.test': {
      answers: [
        entry('other.test', 'A', '203.0.113.99'),
        entry('own.test', 'AAAA', '2606::1'),
        entry('own.test', 'A', PUBLIC),
      ],
      authority: [entry('own.test', 'NS', 'ns.test')],
    },
  })
  assert.deepEqual(dataOf(await ask('own.test')), [PUBLIC])
  const circle = [entry('a.test', 'CNAME', 'b.test'), entry('b.test', 'CNAME', 'a.test')]
  await world.call.zone({ 'a.test': { answers: circle } })
  assert.equal((await ask('a.test')).rcode, FAILED)
})

test('a service record loses its addresses and keeps the rest', async () => {
  const target = nameBytes('.').toString('hex')
  const [alpn, hint4, ech, hint6] = [
    '000100030268 32'.replace(' ', ''),
    `00040004c0a80101`,
    '00050002abcd',
    `00060010${'fd'.repeat(16)}`,
  ]
  const mandatory = '000000020004'
  const service = (name: string, data: string): Record<string, { answers: Entry[] }> => ({
    [name]: { answers: [entry(name, 'HTTPS', data)] },
  })
  await world.call.zone({
    ...service('s.test', `0001${target}${alpn}${hint4}${ech}${hint6}`),
    ...service('m.test', `0001${target}${mandatory}${hint4}`),
    ...service('bad.test', `0001${target}${ech}${alpn}`),
  })
  assert.deepEqual(dataOf(await ask('s.test', TYPES.HTTPS)), [`0001${target}${alpn}${ech}`])
  assert.deepEqual(dataOf(await ask('m.test', TYPES.HTTPS)), [])
  assert.equal((await ask('bad.test', TYPES.HTTPS)).rcode, FAILED)
})

test('replies that are no DNS fail, and the next question is answered', async () => {
  const raws = [
    '',
    '00',
    '8180',
    '818000010000000000000000',
    `8180000100010000${'0'.repeat(8)}`,
    'ff'.repeat(1000),
  ]
  await world.call.zone({
    ...Object.fromEntries(raws.map((raw, i) => [`raw${i}.test`, { rcode: 2, how: { raw } }])),
    'fine.test': { answers: [entry('fine.test', 'A', PUBLIC)] },
  })
  const answers = await Promise.all(raws.map((_, i) => ask(`raw${i}.test`)))
  for (const answer of answers) assert.equal(answer.rcode, FAILED)
  assert.deepEqual(dataOf(await ask('fine.test')), [PUBLIC])
})
