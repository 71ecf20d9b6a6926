import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answer, TYPES } from '../../src/lab/dns.ts'
import { openWorld, type World } from './world.ts'
import type { AskOptions, Zone } from './world-types.ts'

const [REFUSED, NAMELESS, MALFORMED, UNKNOWN] = [5, 3, 1, 4]
const PUBLIC = '203.0.113.7'
const POLICY = 'allow allowed.test\nallow *.wild.test\ndeny secret.wild.test\nend\n'

const a = (name: string, data = PUBLIC, ttl = 300): Zone => ({ answers: [{ name, type: 'A', ttl, data }] })

let world: World
before(async () => {
  world = await openWorld()
  await world.call.start(POLICY, ['--uid', '1000', '--gid', '1000'])
  await world.logged({ event: 'ready' })
})
after(() => world[Symbol.asyncDispose]())

async function ask(name: string, type: number = TYPES.A, options: AskOptions = {}): Promise<Answer> {
  const answer = await world.call.ask(name, type, options)
  assert.ok(answer !== 'no answer', `no answer for ${name}`)
  return answer
}

async function setPolicy(text: string): Promise<void> {
  await world.call.policy(text)
  await world.logged({ event: 'policy' })
}

const dataOf = (answer: Answer): string[] => answer.records.map((record) => record.data)

describe('under an allowlist', () => {
  before(() => setPolicy(POLICY))

  test('only what it names is asked upstream, and the rest is refused with a reason', async () => {
    await world.call.zone({ 'allowed.test': a('allowed.test'), 'x.wild.test': a('x.wild.test') })
    await world.call.asked()
    for (const name of [
      'other.test',
      'sub.allowed.test',
      'wild.test',
      'secret.wild.test',
      'xwild.test',
      'test',
    ]) {
      const answer = await ask(name, TYPES.A, { edns: '' })
      assert.deepEqual([answer.rcode, answer.extended, answer.records], [REFUSED, 18, []], name)
      await world.logged({ name, type: 'A', verdict: 'refused' })
    }
    assert.deepEqual(dataOf(await ask('allowed.test')), [PUBLIC])
    assert.deepEqual(dataOf(await ask('x.wild.test')), [PUBLIC])
    const asked = (await world.call.asked()).map(({ name }) => name.toLowerCase())
    assert.deepEqual(asked, ['allowed.test', 'x.wild.test'])
  })

  test('servers of encrypted names are not let in by a wildcard, only by their own name', async () => {
    await world.call.zone({ 'dns.google': a('dns.google'), 'doh.opendns.com': a('doh.opendns.com') })
    await setPolicy('allow *.google\nallow *.opendns.com\nend\n')
    assert.equal((await ask('dns.google')).rcode, REFUSED)
    assert.equal((await ask('doh.opendns.com')).rcode, REFUSED)
    await setPolicy('allow dns.google\nend\n')
    assert.equal((await ask('dns.google')).rcode, 0)
  })

  test('a name of ours has the addresses that it is given, and nobody is asked for it', async () => {
    await world.call.zone({ 'ours.example.org': a('ours.example.org') })
    await world.call.asked()
    await setPolicy(
      'host ours.example.org 192.0.0.5\nhost ours.example.org 192.0.0.9\nhost ours.example.org fd67::1\nend\n',
    )
    assert.deepEqual(dataOf(await ask('OURS.example.org')), ['192.0.0.5', '192.0.0.9'])
    assert.equal((await ask('ours.example.org', TYPES.AAAA)).records.length, 1)
    assert.deepEqual((await ask('ours.example.org', TYPES.HTTPS)).records, [])
    assert.equal((await ask('a.ours.example.org')).rcode, REFUSED)
    assert.deepEqual(await world.call.asked(), [])
    await setPolicy('any\nend\n')
    await ask('ours.example.org')
    assert.deepEqual((await world.call.asked()).length, 1, 'the control: without the line it is asked for')
  })

  test('no name of boxes is asked for upstream, whatever is open', async () => {
    await setPolicy('any\nend\n')
    await world.call.asked()
    for (const name of ['web.glovebox', 'host.glovebox']) assert.equal((await ask(name)).rcode, REFUSED)
    assert.deepEqual(await world.call.asked(), [])
  })

  test('a policy that is wrong leaves the old one in force, and its line is said', async () => {
    await setPolicy(POLICY)
    const wrong = {
      'allow a..b\nend\n': 1,
      'any\nallow *\nend\n': 2,
      'any\n': 2,
      'any\nend': 2,
      'end\nany\n': 2,
      'allow a.test 64\nend\n': 1,
      'refuse 10.0.0.1/8\nend\n': 1,
      'types NS\nend\n': 1,
      [`allow ${'a'.repeat(400)}\nend\n`]: 1,
      'any\0\nend\n': 1,
    }
    for (const [text, line] of Object.entries(wrong)) {
      await world.call.policy(text)
      const said = await world.logged({ event: 'policy-refused' })
      assert.equal(said['line'], line, text)
    }
    assert.equal((await ask('other.test')).rcode, REFUSED)
    assert.equal((await ask('allowed.test')).name, 'allowed.test')
  })

  test('10,000 names fit into 2 MB, and each is found', async () => {
    const names = Array.from(
      { length: 10_000 },
      (_, i) => `allow ${i % 2 ? '*.' : ''}host-${i}.zone-${i % 977}.example.test`,
    )
    await setPolicy(`${names.join('\n')}\nend\n`)
    await setPolicy(`${names.join('\n')}\nend\n`)
    const name = 'host-9998.zone-228.example.test'
    await world.call.zone({
      [name]: a(name),
      'a.host-9999.zone-229.example.test': a('a.host-9999.zone-229.example.test'),
    })
    assert.deepEqual(dataOf(await ask(name)), [PUBLIC])
    assert.deepEqual(dataOf(await ask('a.host-9999.zone-229.example.test')), [PUBLIC])
    assert.equal((await ask('host-9999.zone-229.example.test')).rcode, REFUSED)
    const resident = Number.parseInt(await world.call.status('VmRSS'), 10)
    assert.ok(resident > 0 && resident <= 2048, `${resident} kB`)
  })
})

describe('with the whole internet', () => {
  before(() => setPolicy('any\nend\n'))

  test('any name is asked upstream but those of the LAN, and adds nothing to a set', async () => {
    await world.call.zone({ 'other.test': a('other.test', '203.0.113.80') })
    await world.call.asked()
    for (const name of [
      'printer',
      'nas.local',
      'router.lan',
      'x.home.arpa',
      '1.1.168.192.in-addr.arpa',
      'in-addr.arpa',
    ])
      assert.equal((await ask(name, name.endsWith('arpa') ? TYPES.PTR : TYPES.A)).rcode, REFUSED, name)
    assert.deepEqual(dataOf(await ask('other.test')), ['203.0.113.80'])
    assert.deepEqual(
      (await world.call.asked()).map(({ name }) => name.toLowerCase()),
      ['other.test'],
    )
    assert.doesNotMatch(await world.call.nft('list', 'ruleset'), /203\.0\.113\.80/)
  })

  test('Firefox is told to keep to this resolver', async () => {
    assert.equal((await ask('use-application-dns.net')).rcode, NAMELESS)
  })

  test('a box cannot put anything into a question but a name and a type', async () => {
    await world.call.zone({ 'edns.test': a('edns.test') })
    await world.call.asked()
    const subnet = '00080007000118000a0000'
    assert.deepEqual(dataOf(await ask('EDNS.test', TYPES.A, { edns: subnet })), [PUBLIC])
    const [asked] = await world.call.asked()
    assert.equal(asked?.rest, '00002904d0000000000000')
  })

  test('the box gets its own capitals back; upstream sees random ones, ids and ports', async () => {
    const names = Array.from({ length: 16 }, (_, i) => `abcdefghijklmnop${i}.test`)
    await world.call.zone(Object.fromEntries(names.map((name) => [name, a(name)])))
    await world.call.asked()
    for (const name of names) {
      const capitals = `ABCD${name.slice(4)}`
      assert.equal((await ask(capitals)).name, capitals)
    }
    const asked = await world.call.asked()
    for (const values of [
      asked.map((q) => q.name.slice(0, 16)),
      asked.map((q) => q.id),
      asked.map((q) => q.port),
    ])
      assert.ok(new Set<unknown>(values).size > 12, JSON.stringify(values))
  })

  test('bytes that are no question are answered with an error or not at all, and nothing is asked upstream', async () => {
    await world.call.asked()
    const rcode = async (bytes: string): Promise<number> =>
      Number.parseInt((await world.call.raw(bytes)).slice(4, 8), 16) & 15
    const header = '123401000001000000000000'
    assert.equal(await rcode(`${header}0161`), MALFORMED) // cut
    assert.equal(await rcode(`${header}c00c00010001`), MALFORMED) // a pointer to itself
    assert.equal(await rcode(`${header}0161000001000100`), MALFORMED) // a byte behind
    assert.equal(await rcode(`${header}03612e62000001000100`), MALFORMED) // a dot in a label
    assert.equal(await rcode('1234010000020000000000000161000001000101620000010001'), MALFORMED) // two questions
    assert.equal(await rcode('12342800000100000000000001610000060001'), UNKNOWN) // an update
    assert.equal(await rcode(`${header}01610000010003`), UNKNOWN) // of the class CHAOS
    assert.equal(await rcode('1234010000010000000000010161000001000100002904d0000100000000'), 0) // EDNS 1: BADVERS is 16
    assert.deepEqual(await world.call.asked(), [])
  })

  test('types that nobody allowed are refused', async () => {
    await world.call.zone({
      'text.test': { answers: [{ name: 'text.test', type: 'TXT', ttl: 60, data: '03616263' }] },
    })
    for (const type of [TYPES.TXT, TYPES.NS, TYPES.SOA, 255, 10])
      assert.equal((await ask('text.test', type)).rcode, REFUSED)
    await setPolicy('any\ntypes TXT\nend\n')
    assert.deepEqual(dataOf(await ask('text.test', TYPES.TXT)), ['03616263'])
    await setPolicy('any\nend\n')
  })

  test('it answers over IPv6 and over TCP, and cuts what is too long for a datagram', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `203.0.113.${i}`)
    const answers = many.map((data) => ({ name: 'many.test', type: 'A' as const, ttl: 60, data }))
    await world.call.zone({ 'many.test': { answers }, 'six.test': a('six.test') })
    assert.deepEqual(dataOf(await ask('six.test', TYPES.A, { address: '::1' })), [PUBLIC])
    assert.deepEqual(dataOf(await ask('six.test', TYPES.A, { address: '::1', transport: 'tcp' })), [PUBLIC])
    const cut = await ask('many.test')
    assert.deepEqual([cut.truncated, cut.records], [true, []])
    assert.ok(cut.bytes <= 512)
    assert.deepEqual(dataOf(await ask('many.test', TYPES.A, { transport: 'tcp' })), many)
    assert.equal((await ask('many.test', TYPES.A, { edns: '' })).records.length, 60)
  })
})

test('it holds one capability, no file of the host, and no way to new ones', async () => {
  assert.deepEqual(
    await Promise.all(
      ['CapEff', 'CapPrm', 'CapBnd', 'NoNewPrivs', 'Seccomp', 'Uid'].map((name) => world.call.status(name)),
    ),
    ['0000000000001000', '0000000000001000', '0000000000000000', '1', '2', '1000\t1000\t1000\t1000'],
  )
  const files = (await world.call.openFiles()).filter(
    (file) => file.startsWith('/') && !/^\/dev\/null$|\/policy$/.test(file),
  )
  assert.deepEqual(files, [])
})
