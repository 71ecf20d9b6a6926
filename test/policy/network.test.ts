import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { networkConflict, networkOfWords, resolveNetwork } from '../../src/policy/network.ts'
import { parseRule } from '../../src/policy/network-rule.ts'
import { CLOSED } from '../../src/policy/network-types.ts'

const LISTS: Readonly<Record<string, readonly string[]>> = {
  'a:b': ['example.org tcp:443'],
  second: ['*.example.net'],
}
const read = (words: readonly string[]) =>
  networkOfWords(words, (file) => (LISTS[file] ?? []).map((text) => parseRule(text)))

test('each word opens what it says, and nothing else', () => {
  assert.equal(read(['none']), 'none')
  assert.equal(read(['image']), 'image')
  assert.deepEqual(read(['internet']), { ...CLOSED, internet: true })
  assert.deepEqual(read(['lan']), { ...CLOSED, lan: 'segment' })
  assert.deepEqual(read(['lan:192.168.1.20', 'lan:NAS.lan']), {
    ...CLOSED,
    lan: [
      { kind: 'range', range: '192.168.1.20' },
      { kind: 'name', name: 'nas.lan' },
    ],
  })
  assert.deepEqual(read(['host:631', 'host:5353/udp']), {
    ...CLOSED,
    host: [
      { transport: 'tcp', port: 631 },
      { transport: 'udp', port: 5353 },
    ],
  })
  assert.deepEqual(read(['allow:a:b', 'allow:second']), {
    ...CLOSED,
    allow: [parseRule('example.org tcp:443'), parseRule('*.example.net')],
  })
  assert.deepEqual(read(['internet', 'lan', 'host:631']), {
    ...CLOSED,
    internet: true,
    lan: 'segment',
    host: [{ transport: 'tcp', port: 631 }],
  })
})

const REFUSED: readonly [words: readonly string[], code: string, said: RegExp][] = [
  [[''], 'UNKNOWN_NETWORK', /"" for --network: there is no network of this name/],
  [['host'], 'UNKNOWN_NETWORK', /there is no network of this name/],
  [['Internet'], 'UNKNOWN_NETWORK', /there is no network of this name/],
  [['internet:'], 'UNKNOWN_NETWORK', /there is no network of this name/],
  [['none:x'], 'UNKNOWN_NETWORK', /there is no network of this name/],
  [['bridge', 'internet'], 'UNKNOWN_NETWORK', /"bridge"/],
  [['allow'], 'UNKNOWN_NETWORK', /there is no network of this name/],
  [['none', 'internet'], 'UNKNOWN_NETWORK', /"none" for --network: it stands alone/],
  [['internet', 'image'], 'UNKNOWN_NETWORK', /"image" for --network: it stands alone/],
  [['none', 'none'], 'UNKNOWN_NETWORK', /it stands alone/],
  [['lan:'], 'UNKNOWN_NETWORK', /a rule begins with/],
  [['lan:192.168.1.20/24'], 'UNKNOWN_NETWORK', /means all of 192\.168\.1\.0\/24/],
  [['lan:nas.lan tcp:80'], 'UNKNOWN_NETWORK', /opened whole/],
  [['lan', 'lan:192.168.1.20'], 'UNKNOWN_NETWORK', /narrows nothing beside lan/],
  [['lan:192.168.1.20', 'lan'], 'UNKNOWN_NETWORK', /narrows nothing beside lan/],
  [['host:53'], 'UNKNOWN_NETWORK', /port 53/],
  [['host:'], 'UNKNOWN_NETWORK', /is no service of this machine/],
  [['host:631', 'host:631/tcp'], 'NETWORK_CONFLICT', /opened twice/],
  [['internet', 'allow:second'], 'NETWORK_CONFLICT', /allow narrows nothing beside internet/],
  [['allow:second', 'internet'], 'NETWORK_CONFLICT', /allow narrows nothing/],
  [['\u001b[2J'], 'UNKNOWN_NETWORK', /"\\u001b\[2J"/],
  [['x'.repeat(100_000)], 'UNKNOWN_NETWORK', /x…" for/],
]
for (const [words, code, said] of REFUSED)
  test(`--network ${JSON.stringify(words).slice(0, 60)} is refused`, () => {
    assert.throws(
      () => read(words),
      (error) => {
        assert.ok(error instanceof GloveboxError)
        assert.equal(error.code, code)
        assert.equal(error.audience, 'usage')
        assert.match(error.message, said)
        return error.message.length < 300
      },
    )
  })

test('ports are taken once in each protocol', () => {
  const port = { transport: 'tcp', port: 80, boxPort: 80, from: 'machine' } as const
  assert.equal(networkConflict({ ...CLOSED, publish: [port, { ...port, transport: 'udp' }] }), undefined)
  assert.match(
    networkConflict({ ...CLOSED, publish: [port, { ...port, from: '192.0.2.7' }] }) ?? '',
    /published twice/,
  )
  const service = { transport: 'tcp', port: 80 } as const
  assert.equal(networkConflict({ ...CLOSED, host: [service, { ...service, transport: 'udp' }] }), undefined)
})

test('image is what the image asks for: the internet at the most; other networks are what they are', () => {
  assert.deepEqual(resolveNetwork('image', true), { ...CLOSED, internet: true })
  assert.equal(resolveNetwork('image', false), 'none')
  assert.equal(resolveNetwork('none', true), 'none')
  const lan = { ...CLOSED, lan: 'segment' } as const
  assert.equal(resolveNetwork(lan, true), lan)
})
