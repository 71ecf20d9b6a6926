import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type NetworkChange,
  nameMatcher,
  nameMatches,
  withAllow,
  withDeny,
} from '../../src/policy/network-change.ts'
import { formatRule, formatTarget, parseListed } from '../../src/policy/network-rule.ts'
import { CLOSED, type OpenNetwork } from '../../src/policy/network-types.ts'
import { anyDeny, anyOpen, anyRule, pick } from './any-network.ts'
import { randomNumbers } from './random.ts'

const allow = (policy: OpenNetwork, text: string): NetworkChange =>
  withAllow(policy, parseListed(text, 'allow'))
const deny = (policy: OpenNetwork, text: string): NetworkChange => withDeny(policy, parseListed(text, 'deny'))

function changed(change: NetworkChange): OpenNetwork {
  assert.ok('policy' in change, JSON.stringify(change))
  return change.policy
}

const nothing = (change: NetworkChange): string => ('nothing' in change ? change.nothing : 'it was changed')
const texts = (rules: OpenNetwork['allow']): string[] => rules.map(formatRule)
const open = (...rules: string[]): OpenNetwork => ({
  ...CLOSED,
  allow: rules.map((text) => parseListed(text, 'allow')),
})
const INTERNET: OpenNetwork = { ...CLOSED, internet: true }

test('twice is once: what is open or closed already is said, and changes nothing', () => {
  const random = randomNumbers(51)
  for (let round = 0; round < 2000; round++) {
    const policy = anyOpen(random)
    const before = structuredClone(policy)
    const denied = withDeny(policy, anyDeny(random))
    const rule = anyRule(random)
    const allowed = withAllow(policy, rule)
    if ('policy' in denied)
      assert.equal(
        nothing(withDeny(denied.policy, denied.policy.deny.at(-1) ?? rule)),
        'it is denied already',
      )
    if ('policy' in allowed) assert.ok('nothing' in withAllow(allowed.policy, rule))
    assert.deepEqual(policy, before)
  }
})

test('to deny never opens anything, and to allow never closes anything', () => {
  const random = randomNumbers(52)
  for (let round = 0; round < 2000; round++) {
    const policy = anyOpen(random)
    const denied = withDeny(policy, anyDeny(random))
    if ('policy' in denied) {
      assert.equal(denied.policy.deny.length, policy.deny.length + 1)
      for (const text of texts(denied.policy.allow)) assert.ok(texts(policy.allow).includes(text))
    }
    const allowed = withAllow(policy, anyRule(random))
    if ('policy' in allowed) {
      for (const text of texts(policy.allow)) assert.ok(texts(allowed.policy.allow).includes(text))
      assert.deepEqual(allowed.policy.lan, policy.lan)
    }
  }
})

test('to allow lifts exactly its own deny', () => {
  const base = changed(deny(changed(deny(open('*.example.org'), 'a.example.org')), 'b.example.org'))
  assert.deepEqual(texts(changed(allow(base, 'a.example.org')).deny), ['b.example.org'])
  const ranges = changed(deny(changed(deny(INTERNET, '8.8.8.0/24')), '8.8.4.4'))
  const after = changed(allow(ranges, '8.8.4.4'))
  assert.deepEqual([texts(after.deny), after.allow], [['8.8.8.0/24'], []])
})

test('a wider deny is stronger, and is named', () => {
  assert.match(
    nothing(allow(changed(deny(INTERNET, '8.0.0.0/8')), '8.8.8.8')),
    /^8\.0\.0\.0\/8 is denied, which is stronger/,
  )
  assert.match(nothing(allow(changed(deny(INTERNET, '2606::/16')), '2606:2800::1')), /2606::\/16 is denied/)
  const named = changed(deny(open('example.com'), '*.example.org'))
  assert.match(nothing(allow(named, 'a.b.example.org')), /\*\.example\.org is denied/)
  assert.match(nothing(allow(named, '*.b.example.org')), /\*\.example\.org is denied/)
  for (const text of ['example.org', 'anexample.org', '8.8.8.8']) changed(allow(named, text))
})

test('a narrower deny is no hindrance, and stays', () => {
  const base = changed(deny(changed(deny(open('example.com'), 'x.example.org')), '8.8.8.8'))
  const after = changed(allow(changed(allow(base, '*.example.org')), '8.8.8.0/24'))
  assert.deepEqual(texts(after.deny), ['x.example.org', '8.8.8.8'])
})

test('what would open more than it says is refused', () => {
  const said = /more than this, all of which would be open again/
  // The whole internet is open but for this: without the deny all services of it would be.
  const whole = changed(deny(INTERNET, '8.8.8.8'))
  for (const text of ['8.8.8.8 udp:5060', '8.8.8.8 1M/s']) assert.match(nothing(allow(whole, text)), said)
  assert.deepEqual(changed(allow(whole, '8.8.8.8')), INTERNET)
  const part = changed(deny(INTERNET, '8.8.8.8 tcp:80'))
  assert.deepEqual(changed(allow(part, '8.8.8.8 tcp:80')), INTERNET)
  assert.match(nothing(allow(part, '8.8.8.8 tcp:443')), said)
  const below = changed(deny(open('*.example.org'), 'x.example.org'))
  assert.match(nothing(allow(below, 'x.example.org tcp:443')), said)
  const within = changed(deny(open('a.example.org'), '*.example.org'))
  assert.match(nothing(allow(within, '*.example.org tcp:443')), said)
  // Nothing else opens it: the rule is all there is.
  const alone = changed(deny(open('x.example.org', 'example.com'), 'x.example.org'))
  assert.deepEqual(texts(changed(allow(alone, 'x.example.org tcp:443')).allow), [
    'example.com',
    'x.example.org tcp:443',
  ])
})

test('what is denied whole is allowed no more, in any of its services; what is denied in part is', () => {
  const base = open('8.8.8.8 tcp:80', '8.8.8.8 udp', '8.8.4.4')
  assert.deepEqual(texts(changed(deny(base, '8.8.8.8')).allow), ['8.8.4.4'])
  assert.equal(changed(deny(base, '8.8.8.8 tcp')).allow.length, 3)
})

test('a host of the LAN is closed, and with the last of them the LAN', () => {
  const lan: OpenNetwork = {
    ...CLOSED,
    lan: ['192.168.7.9', 'nas.lan'].map((text) => parseListed(text, 'lan').target),
  }
  const one = changed(deny(lan, 'nas.lan'))
  assert.deepEqual(typeof one.lan === 'object' && one.lan.map(formatTarget), ['192.168.7.9'])
  assert.equal(changed(deny(one, '192.168.7.9')).lan, false)
  assert.deepEqual(changed(deny(one, '192.168.7.9 tcp')).lan, one.lan)
})

test('a rule with a star means every name below its own, and not that one', () => {
  for (const name of ['a.example.org', 'b.a.example.org']) assert.ok(nameMatches('*.example.org', name), name)
  for (const name of ['example.org', '.example.org', 'anexample.org', 'example.org.evil.net', 'org', ''])
    assert.ok(!nameMatches('*.example.org', name), name)
  assert.ok(nameMatches('example.org', 'example.org'))
  assert.ok(!nameMatches('example.org', 'a.example.org'))
})

test('many rules are asked as each of them is', () => {
  const random = randomNumbers(53)
  const parts = ['a', 'b', '.', '*', '*.'] as const
  const text = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(random, parts)).join('')
  let matched = 0
  for (let round = 0; round < 5000; round++) {
    const [rules, name] = [[text(), text(), text()], text().replaceAll('*', '')]
    const expected = rules.some((rule) => nameMatches(rule, name))
    if (expected) matched++
    assert.equal(nameMatcher(rules)(name), expected, JSON.stringify({ rules, name }))
  }
  assert.ok(matched > 100, String(matched))
})
