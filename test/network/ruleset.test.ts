import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { NetworkFacts } from '../../src/host/types.ts'
import { rulesBefore } from '../../src/network/history.ts'
import { resolverPolicyOf } from '../../src/network/names.ts'
import { MOST_AT_ONCE, NEXT_SCRIPT, scriptsOf } from '../../src/network/pieces.ts'
import { resolverFile } from '../../src/network/resolver.ts'
import type { ResolverQuestion } from '../../src/network/resolver-log.ts'
import { gateRules } from '../../src/network/ruleset.ts'
import { LINK } from '../../src/plan/link.ts'
import { formatAddress, holds, parseRange, type Range } from '../../src/policy/address.ts'
import { nameMatches } from '../../src/policy/network-change.ts'
import { parseRule } from '../../src/policy/network-rule.ts'
import { CLOSED, type NetworkRule, type OpenNetwork } from '../../src/policy/network-types.ts'
import { specialRange } from '../../src/policy/special-ranges.ts'
import { anyAddress, anyOpen, anyRange, pick } from '../policy/any-network.ts'
import { randomNumbers } from '../policy/random.ts'
import { type Attempt, Firewall } from './firewall.ts'

/* The rules, loaded into a kernel: packets say what passes, and not the text. */

const FACTS: NetworkFacts = {
  families: [4, 6],
  hostAddresses: ['192.168.7.2', 'fd00:7::2', '2a00:1450:7::2', '45.33.32.2', 'fe80::2'],
  lanRanges: ['192.168.7.0/24', 'fd00:7::/64', '2a00:1450:7::/64', '45.33.32.0/24', '172.17.0.0/16'],
  segments: ['192.168.7.0/24', 'fd00:7::/64', '2a00:1450:7::/64', '45.33.32.0/24'],
}

let firewall: Firewall
before(async () => {
  firewall = await Firewall.open()
})
after(() => firewall?.[Symbol.asyncDispose]())

const range = (text: string): Range => {
  const parsed = parseRange(text)
  assert.ok(parsed !== undefined, text)
  return parsed
}
const within = (ranges: readonly string[], address: string): boolean =>
  ranges.some((one) => holds(range(one), range(address)))

/** What was answered so far, by name. */
type Answers = ReadonlyMap<string, readonly string[]>

const serves = ({ services }: NetworkRule, { transport, port }: Attempt): boolean =>
  services.length === 0 ||
  services.some(
    (one) =>
      one.transport === transport &&
      (one.ports.length === 0 || one.ports.some(({ first, last }) => first <= port && port <= last)),
  )

/** What a policy means, in other words than the rules. */
function isOpen(policy: OpenNetwork, answers: Answers, attempt: Attempt): boolean {
  const { address, transport, port } = attempt
  const deniedNames = policy.deny.flatMap(({ target }) => (target.kind === 'name' ? [target.name] : []))
  const isDenied = (name: string): boolean => deniedNames.some((one) => nameMatches(one, name))
  const namesOf = [...answers].flatMap(([name, all]) => (all.includes(address) ? [name] : []))
  const named = (rule: string): boolean => namesOf.some((name) => nameMatches(rule, name) && !isDenied(name))
  const meant = ({ target }: Pick<NetworkRule, 'target'>): boolean =>
    target.kind === 'name' ? named(target.name) : within([target.range], address)
  if (policy.deny.some((one) => one.target.kind === 'range' && meant(one) && serves(one, attempt)))
    return false
  if ((policy.internet || policy.lan !== false) && namesOf.some(isDenied)) return false
  if (within(FACTS.hostAddresses, address)) return false
  if (address === LINK.pasta.address4 || address === LINK.pasta.address6)
    return policy.host.some((one) => one.transport === transport && one.port === port)
  if (port === 53 || port === 853) return false
  if (within(FACTS.segments, address) && policy.lan === 'segment') return true
  if (typeof policy.lan === 'object')
    for (const target of policy.lan)
      if (meant({ target }) && (target.kind === 'range' || within(FACTS.segments, address))) return true
  if (within([...FACTS.lanRanges], address) || specialRange(range(address)) !== undefined) return false
  return policy.internet || policy.allow.some((one) => meant(one) && serves(one, attempt))
}

/** Addresses that an application can send to at all: the others never leave the box. */
const SENDABLE = (text: string): boolean =>
  !within(
    [
      '0.0.0.0/8',
      '127.0.0.0/8',
      '224.0.0.0/3',
      '192.0.0.0/29',
      '::/16',
      'fe00::/7',
      '64:ff9b::/96',
      'fd67:6c6f:7665::/64',
      'fd67:6c6f:7666::/64',
    ],
    text,
  )

/** Somewhere in a range. */
function anyIn(random: () => number, text: string): string {
  const { family, address, bits } = range(text)
  const rest = BigInt((family === 4 ? 32 : 128) - bits)
  return formatAddress(family, address | (anyAddress(random, family) & ((1n << rest) - 1n)))
}

const question = (name: string, addresses: readonly string[]): ResolverQuestion => ({
  ...{ kind: 'question', atSeconds: 1000, name, type: 'A', verdict: 'answered', addresses },
  ...{ ttlSeconds: 600, ms: 1 },
})

function anyAnswers(random: () => number, policy: OpenNetwork): Answers {
  const targets = [
    ...[...policy.allow, ...policy.deny].map(({ target }) => target),
    ...(typeof policy.lan === 'object' ? policy.lan : []),
  ]
  const names = targets.flatMap((target) => (target.kind === 'name' ? [target.name] : []))
  const address = (): string =>
    random() < 0.3
      ? anyIn(random, pick(random, ['192.168.7.0/24', '2a00:1450:7::/64']))
      : anyIn(random, pick(random, ['45.0.0.0/8', '2600::/16']))
  return new Map(names.map((name) => [name.replace('*', 'x'), [address(), address()]]))
}

function anyAttempts(random: () => number, policy: OpenNetwork, answers: Answers): Attempt[] {
  const ranges = [
    ...policy.allow.flatMap(({ target }) => (target.kind === 'range' ? [target.range] : [])),
    ...policy.deny.flatMap(({ target }) => (target.kind === 'range' ? [target.range] : [])),
    ...(typeof policy.lan === 'object'
      ? policy.lan.flatMap((one) => (one.kind === 'range' ? [one.range] : []))
      : []),
    ...[...answers.values()].flat(),
    ...FACTS.hostAddresses,
    ...FACTS.lanRanges,
    ...[
      '10.0.0.0/8',
      '169.254.169.254',
      '100.64.0.0/10',
      'fd00::/8',
      '2002::/16',
      '8.8.8.8',
      '2606:2800::/32',
    ],
    LINK.pasta.address4,
    LINK.pasta.address6,
    anyRange(random),
  ] as const
  const services = [...policy.allow, ...policy.deny].flatMap((one) => one.services)
  const ports = [80, 443, 53, 853, 65_535, ...policy.host.map(({ port }) => port)]
  for (const { ports: own } of services)
    ports.push(...own.flatMap(({ first, last }) => [first, last, last + 1, first - 1]))
  return Array.from({ length: 60 }, () => ({
    transport: pick<'tcp' | 'udp'>(random, ['tcp', 'udp']),
    address: anyIn(random, ranges[Math.floor(random() * ranges.length)] ?? '8.8.8.8'),
    port: ports[Math.floor(random() * ports.length)] ?? 80,
  })).filter(
    ({ address, port }) =>
      (SENDABLE(address) || address === LINK.pasta.address4 || address === LINK.pasta.address6) &&
      port > 0 &&
      port < 65_536,
  )
}

test('of any policy the rules let pass what it opens, and nothing else', async () => {
  const random = randomNumbers(61)
  const seen = { open: 0, closed: 0 }
  for (let round = 0; round < 25; round++) {
    // A bound on new connections would refuse attempts that are open.
    const policy: OpenNetwork = { ...anyOpen(random), rates: {} }
    const answers = anyAnswers(random, policy)
    const questions = [...answers].map(([name, addresses]) => question(name, addresses))
    const before = rulesBefore(policy, { generation: round, table: [] }, questions, 1001)
    const rules = gateRules(policy, FACTS, before)
    const attempts = anyAttempts(random, policy, answers)
    const passed = await firewall.try(rules, attempts)
    for (const [at, attempt] of attempts.entries()) {
      const expected = isOpen(policy, answers, attempt)
      seen[expected ? 'open' : 'closed']++
      assert.equal(
        passed[at],
        expected,
        JSON.stringify({ attempt, policy, answers: [...answers] }, undefined, 1),
      )
    }
    // The resolver takes what goes with them.
    resolverFile(resolverPolicyOf(policy, FACTS, before.table))
  }
  assert.ok(Math.min(seen.open, seen.closed) > 60, JSON.stringify(seen))
})

/** Somewhere of everything that a box must not reach, and of the internet. */
const PLACES = [
  ...['8.8.8.8', '2606:2800::1', '10.0.0.1', '100.64.0.1', '169.254.169.254', '192.168.7.9', '172.17.0.3'],
  ...[
    'fd00:7::9',
    '2a00:1450:7::9',
    '2002:a00:1::1',
    ...FACTS.hostAddresses.filter((one) => !one.startsWith('fe80')),
  ],
]
const everywhere = (port: number): Attempt[] =>
  PLACES.flatMap((address) => (['tcp', 'udp'] as const).map((transport) => ({ transport, address, port })))

test('the control: where the gate does nothing but stand in between, every attempt passes', async () => {
  const nothing = `table inet glovebox
    delete table inet glovebox
    table inet glovebox { chain away { type nat hook postrouting priority srcnat; oifname "${LINK.outward.interface}" masquerade; }; }`
  for (const port of [80, 53, 853])
    assert.ok((await firewall.try(nothing, everywhere(port))).every((passed) => passed))
})

test('a box whose network opens nothing reaches nothing', async () => {
  for (const port of [80, 53, 853])
    assert.ok(!(await firewall.try(gateRules(CLOSED, FACTS), everywhere(port))).some((passed) => passed))
})

test('rates, published ports and a joined network are rules that the kernel takes, with whatever else', async () => {
  const random = randomNumbers(62)
  for (let round = 0; round < 25; round++) await firewall.try(gateRules(anyOpen(random), FACTS), [])
  for (const bytesPerSecond of [2 ** 10, 2 ** 33])
    for (const newFlowsPerSecond of [1, 1_000_000]) {
      const rates = { bytesPerSecond, newFlowsPerSecond }
      const allow = [{ ...parseRule('example.org'), bytesPerSecond }]
      await firewall.check(gateRules({ ...CLOSED, rates, allow }, FACTS))
    }
})

test('10,000 addresses and 10,000 names are rules that the kernel takes, and each of them opens', async () => {
  const four = (at: number): string => `45.${at >> 8}.${at & 255}.1`
  const six = (at: number): string => `2600:${at.toString(16)}::1`
  const ranges = Array.from({ length: 5000 }, (_, at) => [`${four(at)} tcp:443`, `${six(at)} tcp:443`]).flat()
  const names = Array.from({ length: 10_000 }, (_, at) => `host${at}.example.org tcp:80`)
  const policy = { ...CLOSED, allow: [...ranges, ...names].map((text) => parseRule(text)) }
  const questions = names.map((name, at) =>
    question(name.replace(/ .*/, ''), [`45.100.${at >> 8}.${at & 255}`]),
  )
  const before = rulesBefore(policy, { generation: 0, table: [] }, questions, 1001)
  const attempts: Attempt[] = [0, 1, 2499, 4999].flatMap((at) =>
    [four(at), six(at), `45.100.${at >> 8}.${at & 255}`].flatMap((address) =>
      [80, 443].map((port): Attempt => ({ transport: 'tcp', address, port })),
    ),
  )
  for (const most of [undefined, MOST_AT_ONCE]) {
    const scripts = scriptsOf(gateRules(policy, FACTS, before), most)
    assert.ok(scripts.length > 1)
    const passed = await firewall.try(scripts.join(NEXT_SCRIPT), attempts)
    for (const [at, { address, port }] of attempts.entries())
      assert.equal(passed[at], address.startsWith('45.100.') === (port === 80), `${address} ${port}`)
  }
  assert.deepEqual(
    await firewall.try(scriptsOf(gateRules(policy, FACTS)).join(NEXT_SCRIPT), [
      { transport: 'tcp', address: '45.100.0.0', port: 80 },
    ]),
    [false],
  )
})

test('facts that are none, or none at all, make no rules', () => {
  const refused = (facts: Partial<NetworkFacts>): void =>
    assert.throws(() => gateRules({ ...CLOSED, internet: true }, { ...FACTS, ...facts }), {
      code: 'NETWORK_FACTS_INVALID',
    })
  refused({ hostAddresses: [] })
  for (const wrong of [
    '',
    '1.2.3.4/33',
    '::/129',
    '1.2.3.4 }; accept',
    '1.2.3.4\n',
    'fe80::1%eth0',
    '1.2.3.4/8/8',
    '0.0.0.0/0x1',
  ])
    for (const facts of [{ hostAddresses: [wrong] }, { lanRanges: [wrong] }]) refused(facts)
})
