import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  addressSet,
  RESOLVER_MARK,
  type ResolverPolicy,
  resolverFile,
  resolverWords,
} from '../../src/network/resolver.ts'
import { readResolverLine, VERDICTS } from '../../src/network/resolver-log.ts'

const NOTHING: ResolverPolicy = {
  ...{ any: false, allow: [], inward: [], deny: [], types: [] },
  ...{ refuse: [], grant: [], hosts: [] },
}

test('a policy becomes the lines that the resolver reads', () => {
  assert.equal(resolverFile(NOTHING), 'end\n')
  const policy: ResolverPolicy = {
    any: true,
    allow: [
      { name: 'Example.org', classes: [0] },
      { name: '*.example.org', classes: [1, 5] },
    ],
    inward: [{ name: '*.lan', classes: [63] }],
    deny: ['*.ads.example.org'],
    types: ['TXT', 'MX'],
    refuse: ['2001:db8:1::/48'],
    grant: ['192.168.1.5', '10.0.0.0/8'],
    hosts: [{ name: 'host.glovebox', addresses: ['192.0.0.5', 'fd00::1'] }],
  }
  assert.equal(
    resolverFile(policy),
    'any\nallow example.org 0\nallow *.example.org 1\nallow *.example.org 5\ninward *.lan 63\ndeny *.ads.example.org\ntypes TXT MX\n' +
      'refuse 2001:db8:1::/48\ngrant 192.168.1.5\ngrant 10.0.0.0/8\n' +
      'host host.glovebox 192.0.0.5\nhost host.glovebox fd00::1\nend\n',
  )
})

test('nothing gets into the lines that is not a name, a range or a class', () => {
  const names = [
    '',
    '*',
    '*.',
    'a b',
    'a\nany',
    'a..b',
    '.a',
    'a.',
    'ä.de',
    `${'a'.repeat(64)}.de`,
    'a.*.b',
    '**.a',
    `${'a.'.repeat(127)}a`,
  ]
  const bad: ResolverPolicy[] = [
    ...names.map((name) => ({ ...NOTHING, allow: [{ name, classes: [0] }] })),
    ...names.map((name) => ({ ...NOTHING, deny: [name] })),
    ...names.map((name) => ({ ...NOTHING, inward: [{ name, classes: [0] }] })),
    ...names.map((name) => ({ ...NOTHING, hosts: [{ name, addresses: ['10.0.0.1'] }] })),
    ...['', 'a', '10.0.0.0/8', '10.0.0.1\nany'].map((address) => ({
      ...NOTHING,
      hosts: [{ name: 'a.de', addresses: [address] }],
    })),
    ...[64, -1, 0.5].map((one) => ({ ...NOTHING, allow: [{ name: 'a.de', classes: [one] }] })),
    ...['', 'a', '10.0.0.0/33', '::/129', '10.0.0.0/8\nany', 'fe80::1%eth0'].map((range) => ({
      ...NOTHING,
      grant: [range],
    })),
    { ...NOTHING, refuse: Array.from({ length: 257 }, (_, i) => `10.0.0.${i % 256}`) },
    { ...NOTHING, deny: Array.from({ length: 16_001 }, (_, i) => `n${i}.de`) },
  ]
  for (const policy of bad)
    assert.throws(
      () => resolverFile(policy),
      { code: 'RESOLVER_POLICY_INVALID' },
      JSON.stringify(policy).slice(0, 200),
    )
})

test('the words of its start, and the names of its sets', () => {
  const words = resolverWords({
    ...{ listen: ['10.0.0.1', 'fd00::1'], upstream: ['10.0.0.2'], mark: RESOLVER_MARK },
    ...{ policyFd: 3, logFd: 4, otherLogFd: 7, namesFd: 8, uid: 5, gid: 6 },
  })
  assert.equal(
    words.join(' '),
    `--listen 10.0.0.1 --listen fd00::1 --upstream 10.0.0.2 --mark ${RESOLVER_MARK} --policy-fd 3 --log-fd 4 ` +
      '--log-other-fd 7 --names-fd 8 --uid 5 --gid 6 --table glovebox --set4 allowed4 --set6 allowed6',
  )
  assert.deepEqual(
    [addressSet(4, 0), addressSet(6, 0), addressSet(4, 7)],
    ['allowed4', 'allowed6', 'allowed4_7'],
  )
})

describe('a line of its log', () => {
  const line = {
    at: 1.5,
    name: 'a.de',
    type: 'A',
    verdict: 'answered',
    addresses: ['1.2.3.4', '::1'],
    ttl: 3,
    ms: 4,
  }
  const read = (changed: object): unknown => readResolverLine(JSON.stringify({ ...line, ...changed }))

  test('is read where the resolver could have written it', () => {
    const parsed = { kind: 'question', atSeconds: 1.5, name: 'a.de', type: 'A', verdict: 'answered' }
    assert.deepEqual(read({}), { ...parsed, addresses: ['1.2.3.4', '::1'], ttlSeconds: 3, ms: 4 })
    for (const verdict of VERDICTS) assert.ok(read({ verdict }))
    assert.ok(read({ name: 'a\\000\\255.de', type: 'TYPE65535', addresses: [] }))
    assert.deepEqual(readResolverLine('{"at":1,"event":"lost","lines":7}'), {
      kind: 'lost',
      atSeconds: 1,
      lines: 7,
    })
    assert.deepEqual(readResolverLine('{"at":1,"event":"policy","names":7}'), {
      kind: 'policy',
      atSeconds: 1,
      names: 7,
    })
  })

  test('is none where it could not', () => {
    const bad = [
      ...[
        { name: 'a\u001b[2J' },
        { name: 5 },
        { type: 'A\n' },
        { verdict: 'fine' },
        { addresses: ['x'] },
        { addresses: 'x' },
      ],
      ...[{ ttl: -1 }, { ms: 0.5 }, { at: '1' }, { addresses: Array(65).fill('1.2.3.4') }, { event: 'what' }],
    ]
    for (const changed of bad) assert.equal(read(changed), undefined, JSON.stringify(changed))
    for (const text of [
      '',
      '[]',
      'null',
      '{',
      '"x"',
      '{"at":1}',
      `{"at":1,"event":"ready","x":"${'x'.repeat(6000)}"}`,
    ])
      assert.equal(readResolverLine(text), undefined)
  })

  test('never throws, whatever it holds', () => {
    const whole = JSON.stringify(line)
    let state = 1
    const random = (most: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % most
    }
    let read = 0
    for (let i = 0; i < 20_000; i++) {
      const [at, length] = [random(whole.length), random(4)]
      const text = whole.slice(0, at) + String.fromCharCode(random(256)) + whole.slice(at + length)
      if (readResolverLine(text) !== undefined) read++
    }
    assert.ok(read > 100 && read < 19_000, String(read))
  })
})
