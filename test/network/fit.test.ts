import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import type { NetworkFacts } from '../../src/host/types.ts'
import { checkFit } from '../../src/network/fit.ts'
import { resolverPolicyOf } from '../../src/network/names.ts'
import { resolverFile } from '../../src/network/resolver.ts'
import { LINK } from '../../src/plan/link.ts'
import { parsePublication } from '../../src/policy/network-ports.ts'
import { parseRule, parseTarget } from '../../src/policy/network-rule.ts'
import { CLOSED, type OpenNetwork } from '../../src/policy/network-types.ts'

const FACTS: NetworkFacts = {
  families: [4, 6],
  hostAddresses: ['192.168.7.2', '2a00:1450:7::2', '172.17.0.1'],
  lanRanges: ['192.168.7.0/24', '2a00:1450:7::/64', '172.17.0.0/16'],
  segments: ['192.168.7.0/24', '2a00:1450:7::/64'],
}
const allow = (text: string): OpenNetwork => ({ ...CLOSED, allow: [parseRule(text)] })
const lan = (text: string): OpenNetwork => ({ ...CLOSED, lan: [parseTarget(text)] })
const publish = (text: string): OpenNetwork => ({ ...CLOSED, publish: [parsePublication(text)] })

const REFUSED: readonly [what: string, policy: OpenNetwork, said: RegExp][] = [
  [
    'this machine under allow',
    allow('2a00:1450:7::2'),
    /is an address of this machine, which allow never opens; host:PORT/,
  ],
  [
    'the LAN under allow',
    allow('2a00:1450:7::9'),
    /lies in the local network 2a00:1450:7::\/64, .*; lan does/,
  ],
  ['a part of the LAN under allow', allow('2a00:1450:7::/80'), /lies in the local network/],
  ['this machine under lan', lan('192.168.7.2'), /is an address of this machine, which lan never opens/],
  [
    'elsewhere under lan',
    lan('192.168.8.1'),
    /lies in no local network of this machine \(192\.168\.7\.0\/24, 2a00/,
  ],
  ['a bridge of containers under lan', lan('172.17.0.3'), /lies in no local network/],
  ['more than the LAN under lan', lan('192.168.0.0/16'), /lies in no local network/],
  ['the internet under lan', lan('8.8.8.8'), /lies in no local network/],
  [
    "an address to publish at that is not this machine's",
    publish('192.168.7.3:80'),
    /192\.168\.7\.3 is no address of this machine/,
  ],
  ['every address to publish at', publish('0.0.0.0:80'), /0\.0\.0\.0 is no address of this machine/],
]
for (const [what, policy, said] of REFUSED)
  test(`${what} does not fit, and that is said`, () => assert.match(refusal(policy, FACTS), said))

test('without a local network lan does not fit, whole or in part', () => {
  const alone = { ...FACTS, segments: [] }
  assert.match(refusal({ ...CLOSED, lan: 'segment' }, alone), /this machine is in none/)
  assert.match(refusal(lan('nas.lan'), alone), /this machine is in none/)
  assert.match(refusal(lan('192.168.7.9'), alone), /it is in none/)
})

test('what this machine can do fits', () => {
  const policies = [
    CLOSED,
    { ...CLOSED, internet: true, lan: 'segment' as const },
    ...['example.org', '8.8.8.0/24', '2a00:1450::/32'].map(allow),
    ...['192.168.7.9', '192.168.7.0/28', 'nas.lan', '2a00:1450:7::9'].map(lan),
    ...['8080:80', '192.168.7.2:8080:80', '[2a00:1450:7::2]:80'].map(publish),
  ]
  for (const policy of policies) checkFit(policy, FACTS)
})

test('the resolver is told what fits the rules', () => {
  const policy: OpenNetwork = {
    ...CLOSED,
    allow: ['a.example tcp:443', '*.b.example tcp:443', 'c.example', '8.8.8.8'].map((text) =>
      parseRule(text),
    ),
    deny: ['x.b.example', '9.9.9.9'].map((text) => parseRule(text)),
    lan: [parseTarget('nas.lan'), parseTarget('192.168.7.9')],
    host: [{ transport: 'tcp', port: 631 }],
  }
  assert.deepEqual(resolverFile(resolverPolicyOf(policy, FACTS)).split('\n'), [
    ...[
      'allow a.example 0',
      'allow *.b.example 0',
      'allow c.example 1',
      'inward nas.lan 63',
      'deny x.b.example',
    ],
    // What is nobody's on the internet it knows by itself.
    ...['types MX SRV TXT PTR', 'refuse 2a00:1450:7::2', 'refuse 2a00:1450:7::/64'],
    ...['grant 192.168.7.0/24', 'grant 2a00:1450:7::/64'],
    ...[`host host.glovebox ${LINK.pasta.address4}`, `host host.glovebox ${LINK.pasta.address6}`, 'end', ''],
  ])
})

test('a policy without names lets none be asked for', () => {
  for (const policy of [CLOSED, { ...CLOSED, lan: [parseTarget('192.168.7.9')] }]) {
    const file = resolverFile(resolverPolicyOf(policy, FACTS))
    assert.doesNotMatch(file, /^(?:any|allow|inward|grant|host|types)/m)
  }
  assert.match(resolverFile(resolverPolicyOf({ ...CLOSED, internet: true }, FACTS)), /^any\n/)
})

test('10,000 names are told within what the resolver takes; more than it takes are refused', () => {
  const names = (count: number): OpenNetwork => ({
    ...CLOSED,
    allow: Array.from({ length: count }, (_, at) => parseRule(`host${at}.example.org`)),
  })
  assert.equal(resolverFile(resolverPolicyOf(names(10_000), FACTS)).match(/^allow /gm)?.length, 10_000)
  assert.throws(() => resolverFile(resolverPolicyOf(names(16_001), FACTS)), {
    code: 'RESOLVER_POLICY_INVALID',
  })
})

function refusal(policy: OpenNetwork, facts: NetworkFacts): string {
  try {
    checkFit(policy, facts)
  } catch (error) {
    assert.ok(error instanceof GloveboxError && error.code === 'NETWORK_DOES_NOT_FIT')
    assert.equal(error.audience, 'usage')
    return error.message
  }
  throw new Error('it fits')
}
