import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LAN_CLASS } from '../../src/network/classes.ts'
import { rulesBefore } from '../../src/network/history.ts'
import type { ResolverQuestion } from '../../src/network/resolver-log.ts'
import { parseRule, parseTarget } from '../../src/policy/network-rule.ts'
import { CLOSED, type OpenNetwork } from '../../src/policy/network-types.ts'

const NOW = 10_000
const START = { generation: 3, table: [] }

const question = (
  name: string,
  addresses: readonly string[],
  over: Partial<ResolverQuestion> = {},
): ResolverQuestion => ({
  ...{ kind: 'question', atSeconds: NOW - 100, name, type: 'A', verdict: 'answered', addresses },
  ...{ ttlSeconds: 300, ms: 1, ...over },
})
const allowing = (...texts: string[]): OpenNetwork => ({
  ...CLOSED,
  allow: texts.map((text) => parseRule(text)),
})
const denying = (policy: OpenNetwork, ...names: string[]): OpenNetwork => ({
  ...policy,
  deny: names.map((name) => parseRule(name)),
})

test('an address is open for what is left of its answer and the grace behind it', () => {
  const policy = allowing('a.example')
  const left = (over: Partial<ResolverQuestion>): number | undefined =>
    rulesBefore(policy, START, [question('a.example', ['8.8.8.8'], over)], NOW).open.get(0)?.[0]?.seconds
  assert.equal(left({}), 300 + 15 - 100)
  assert.equal(left({ ttlSeconds: 86_400 }), 3600 + 15 - 100)
  assert.equal(left({ ttlSeconds: 0, atSeconds: NOW - 14 }), 1)
  assert.equal(left({ ttlSeconds: 0, atSeconds: NOW - 15 }), undefined)
  assert.equal(left({ ttlSeconds: 84 }), undefined)
})

test('of several answers with the same address the last that ends counts, once', () => {
  const questions = [
    question('a.example', ['8.8.8.8'], { ttlSeconds: 600 }),
    question('b.example', ['8.8.8.8', '8.8.4.4'], { atSeconds: NOW - 1, ttlSeconds: 60 }),
  ]
  const { open, held } = rulesBefore(
    allowing('*.example.org', 'a.example', 'b.example'),
    START,
    questions,
    NOW,
  )
  assert.deepEqual(open.get(0), [
    { address: '8.8.8.8', seconds: 515 },
    { address: '8.8.4.4', seconds: 74 },
  ])
  assert.deepEqual(held.get(0), ['8.8.8.8', '8.8.4.4'])
})

test('what has ended is open no more, but flows that are there may go on', () => {
  const old = question('a.example', ['8.8.8.8'], { atSeconds: 1 })
  const { open, held } = rulesBefore(allowing('a.example'), START, [old], NOW)
  assert.deepEqual([open.get(0), held.get(0)], [[], ['8.8.8.8']])
})

test('each class has the addresses of its own names, by the numbers of the table that was', () => {
  const policy = allowing('a.example tcp:443', '*.example.net udp:53', '1.2.3.4 icmp')
  const services = (at: number): string => JSON.stringify([policy.allow[at]?.services])
  const questions = [
    question('a.example', ['8.8.8.8']),
    question('x.y.example.net', ['8.8.4.4']),
    question('example.net', ['9.9.9.9']),
    question('other.example', ['9.9.9.8']),
  ]
  const { held, table, generation } = rulesBefore(
    policy,
    { generation: 7, table: [null, services(0)] },
    questions,
    NOW,
  )
  assert.equal(generation, 7)
  assert.deepEqual(
    [...held],
    [
      [0, ['8.8.4.4']],
      [1, ['8.8.8.8']],
    ],
  )
  assert.deepEqual(table, [services(1), services(0), services(2)])
})

test('a denied name opens nothing, also where another one that is open has its address', () => {
  const questions = [question('a.example', ['8.8.8.8']), question('x.example.org', ['8.8.4.4', '8.8.8.8'])]
  const policy = denying(allowing('a.example', '*.example.org'), 'x.example.org')
  const before = rulesBefore(policy, START, questions, NOW)
  assert.deepEqual(before.held.get(0), ['8.8.8.8'])
  // Names open there: what a denied one was answered with is closed by not being open.
  assert.deepEqual(before.deniedNames, [])
})

test('with the internet or the LAN open the addresses of a denied name are closed themselves', () => {
  const questions = [
    question('x.example.org', ['8.8.4.4'], { atSeconds: 1 }),
    question('x.example.org', ['8.8.4.4', '2606:2800::1']),
    question('a.example', ['8.8.8.8']),
  ]
  for (const base of [
    { ...CLOSED, internet: true },
    { ...CLOSED, lan: 'segment' as const },
  ]) {
    const { deniedNames } = rulesBefore(denying(base, '*.example.org'), START, questions, NOW)
    assert.deepEqual(deniedNames, ['8.8.4.4', '2606:2800::1'])
  }
})

test('names of the LAN are a class of their own', () => {
  const questions = [question('nas.lan', ['192.168.7.20']), question('a.example', ['8.8.8.8'])]
  const named = { ...CLOSED, lan: [parseTarget('nas.lan'), parseTarget('192.168.7.9')] }
  for (const policy of [named, { ...CLOSED, lan: 'segment' as const }])
    assert.deepEqual([...rulesBefore(policy, START, questions, NOW).held], [[LAN_CLASS, ['192.168.7.20']]])
  assert.deepEqual(
    [...rulesBefore({ ...CLOSED, lan: [parseTarget('192.168.7.9')] }, START, questions, NOW).held],
    [],
  )
})

test('a question without an answer opens nothing', () => {
  const questions = [
    question('a.example', [], { verdict: 'refused' }),
    question('a.example', [], { verdict: 'empty' }),
  ]
  const { open, held } = rulesBefore(allowing('a.example'), START, questions, NOW)
  assert.deepEqual([open.get(0), held.get(0)], [[], []])
})

test('of more addresses than a set takes the last ones are kept', () => {
  const addresses = (from: number, count: number): string[] =>
    Array.from(
      { length: count },
      (_, at) => `45.${(from + at) >> 16}.${((from + at) >> 8) & 255}.${(from + at) & 255}`,
    )
  const questions = Array.from({ length: 700 }, (_, at) => question('a.example', addresses(at * 64, 64)))
  const { open, held } = rulesBefore(allowing('a.example'), START, questions, NOW)
  assert.deepEqual([open.get(0)?.length, held.get(0)?.length], [32_768, 32_768])
  assert.equal(held.get(0)?.at(-1), addresses(700 * 64 - 1, 1)[0])
})

test('10,000 names with a star, 1,000 denied ones and 100,000 lines of the log are gone through at once', () => {
  const policy = denying(
    allowing(...Array.from({ length: 10_000 }, (_, at) => `*.host${at}.example.org`)),
    ...Array.from({ length: 1000 }, (_, at) => `*.denied${at}.example.org`),
  )
  const questions = Array.from({ length: 100_000 }, (_, at) =>
    question(`a.b.host${at % 20_000}.example.org`, [`45.0.${(at >> 8) & 255}.${at & 255}`]),
  )
  // Each line by each name would be a thousand million texts to compare, which no time of a test is enough for.
  assert.equal(rulesBefore(policy, START, questions, NOW).held.get(0)?.length, 32_768)
})
