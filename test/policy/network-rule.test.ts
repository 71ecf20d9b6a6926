import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  formatRule,
  type ListName,
  parseListed,
  parseRule,
  RuleProblem,
} from '../../src/policy/network-rule.ts'
import type { NetworkRule } from '../../src/policy/network-types.ts'
import { anyDeny, anyRange, anyRule, pick } from './any-network.ts'
import { randomNumbers } from './random.ts'

test('every rule is read back from its own text', () => {
  const random = randomNumbers(21)
  for (let round = 0; round < 3000; round++) {
    const rule = anyRule(random, anyRange)
    assert.deepEqual(parseRule(formatRule(rule)), rule)
    const [allow, deny] = [anyRule(random), anyDeny(random)]
    assert.deepEqual(parseListed(formatRule(allow), 'allow'), allow)
    assert.deepEqual(parseListed(formatRule(deny), 'deny'), deny)
  }
})

const SAME: readonly [text: string, plain: string][] = [
  ['  Example.ORG.\ttcp:443 ', 'example.org tcp:443'],
  ['*.Example.org', '*.example.org'],
  ['example.org 443', 'example.org tcp:443 udp:443'],
  ['example.org udp:2-3,1 udp:5,4', 'example.org udp:1-5'],
  ['example.org tcp:1 tcp', 'example.org tcp'],
  ['example.org icmp udp tcp icmp', 'example.org tcp udp icmp'],
  ['example.org tcp:80-80 1024K/s', 'example.org tcp:80 1M/s'],
  ['8.8.8.8/32', '8.8.8.8'],
  ['2606:2800:0:0::/32', '2606:2800::/32'],
  ['_sip._udp.example.org', '_sip._udp.example.org'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['localhost', 'localhost'],
]
for (const [text, plain] of SAME)
  test(`${JSON.stringify(text)} is ${plain}`, () => assert.equal(formatRule(parseRule(text)), plain))

type Refused = readonly [list: ListName, text: string, at: number, said: RegExp]

/** What no list takes. */
const MALFORMED: readonly Refused[] = [
  ['allow', '', 0, /a rule begins with a name or an address/],
  ['allow', ' \t ', 0, /a rule begins with/],
  ['allow', '  exam ple.org', 7, /"ple\.org" is no service/],
  ['allow', 'ex*mple.org', 2, /a star stands only in front/],
  ['allow', '*.a.*.org', 4, /a star stands only in front/],
  ['allow', '*example.org', 0, /a star stands only in front/],
  ['allow', '**.example.org', 0, /a star stands only in front/],
  ['allow', 'a..org', 0, /is no name/],
  ['allow', '.org', 0, /is no name/],
  ['allow', '-a.org', 0, /is no name/],
  ['allow', 'bücher.example', 0, /is no name/],
  ['allow', `${'a'.repeat(64)}.org`, 0, /is no name/],
  ['allow', 'https://example.org/', 0, /without a protocol or port/],
  ['allow', 'example.org:443', 0, /without a protocol or port/],
  ['allow', 'user@example.org', 0, /is no name/],
  ['allow', '1.2.3.4 udp:53', 0, /ports 53 and 853 are never opened/],
  ['allow', ' dns.example.org tcp:443,853', 1, /ports 53 and 853 are never opened/],
  ['allow', '1.2.3', 0, /is no address and no range/],
  ['allow', '127.1', 0, /is no address/],
  ['allow', '2130706433', 0, /is no address/],
  ['allow', '1.2.3.4.5', 0, /is no address/],
  ['allow', '01.2.3.4', 0, /is no address/],
  ['allow', '8.8.8.8/33', 0, /is no address and no range/],
  ['allow', '8.8.8.8/', 0, /is no address and no range/],
  ['allow', '8.8.8.8/255.255.255.0', 0, /is no address and no range/],
  ['allow', '8.8.8.8-9.9.9.9', 0, /is no address/],
  ['allow', '*.8.8.8', 0, /is no address/],
  ['allow', '0x7f.0.0.0x1', 0, /is no address/],
  ['allow', '2606:::1', 0, /is no address/],
  ['allow', '2606::1%eth0', 0, /is no name/],
  ['allow', '[2606:2800::1]', 0, /is no name/],
  ['allow', 'example.org tcp:', 16, /"" is no port/],
  ['allow', 'example.org tcp:0', 16, /"0" is no port/],
  ['allow', 'example.org tcp:65536', 16, /"65536" is no port/],
  ['allow', 'example.org tcp:80,', 19, /"" is no port/],
  ['allow', 'example.org tcp:80,,81', 19, /"" is no port/],
  ['allow', 'example.org tcp:80,81-80', 19, /the range ends before it begins/],
  ['allow', 'example.org tcp:80-', 16, /"80-" is no port/],
  ['allow', 'example.org tcp:1-2-3', 16, /is no port/],
  ['allow', 'example.org tcp:http', 16, /is no port/],
  ['allow', 'example.org tcp:+80', 16, /is no port/],
  ['allow', 'example.org tcp:80:81', 12, /is no service/],
  ['allow', 'example.org icmp:8', 12, /is no service/],
  ['allow', 'example.org TCP:80', 12, /is no service/],
  ['allow', 'example.org sctp', 12, /is no service/],
  ['allow', 'example.org tcp 1M/s udp', 16, /is no service/],
  ['allow', 'example.org tcp:80/s', 12, /is no rate/],
  ['allow', 'example.org 1023/s', 12, /is no rate: bytes a second from 1K\/s to 8G\/s/],
  ['allow', 'example.org 9G/s', 12, /is no rate/],
  ['allow', 'example.org /s', 12, /is no rate/],
  ['allow', 'example.org 1e9/s', 12, /is no rate/],
  [
    'allow',
    `example.org ${Array.from({ length: 65 }, (_, at) => 2 * at + 1).join(',')}`,
    0,
    /at most 64 ranges/,
  ],
]

/** What looks narrower than it is, or does nothing. */
const MISLEADING: readonly Refused[] = [
  ['allow', '8.8.8.8/8', 0, /means all of 8\.0\.0\.0\/8: write that, or the address without \/8/],
  ['deny', '10.0.0.1/8', 0, /means all of 10\.0\.0\.0\/8/],
  ['lan', '192.168.1.20/24', 0, /means all of 192\.168\.1\.0\/24/],
  ['allow', '2606:2800::1/32', 0, /means all of 2606:2800::\/32/],
  ['allow', '0.0.0.0/0', 0, /means every address: say internet instead/],
  ['allow', '::/0', 0, /means every address/],
  ['deny', '::/0', 0, /means every address/],
  ['allow', '8.8.8.8/0', 0, /means all of 0\.0\.0\.0\/0/],
  ['allow', '*', 0, /means every name: say internet instead/],
  ['allow', '*.', 0, /means every name/],
  ['allow', '*.org', 0, /every name of a top-level domain/],
  ['allow', '*.org.', 0, /every name of a top-level domain/],
  ['deny', '*.lan', 0, /every name of a top-level domain/],
  [
    'allow',
    '10.0.0.1',
    0,
    /private \(10\.0\.0\.0\/8\), which allow never opens; hosts of your network are opened by lan/,
  ],
  ['allow', ' 192.168.0.0/16 tcp:80', 1, /which allow never opens/],
  ['allow', '127.0.0.1 tcp:631', 0, /which allow never opens/],
  ['allow', '169.254.169.254', 0, /metadata .*which allow never opens/],
  ['allow', '100.64.0.1', 0, /which allow never opens/],
  ['allow', '224.0.0.251 udp:5353', 0, /which allow never opens/],
  ['allow', '::1', 0, /which allow never opens/],
  ['allow', 'fd00::1', 0, /which allow never opens/],
  ['allow', 'fe80::/10', 0, /which allow never opens/],
  ['allow', '::ffff:8.8.8.8', 0, /which allow never opens/],
  ['allow', '64:ff9b::808:808', 0, /which allow never opens/],
  ['allow', '2002:808:808::1', 0, /which allow never opens/],
  ['deny', 'example.org tcp:80', 0, /a name is denied whole/],
  ['deny', '*.example.org udp', 0, /a name is denied whole/],
  ['deny', '8.8.8.8 1M/s', 0, /what is denied has no rate/],
  ['lan', '192.168.1.20 tcp:80', 0, /opened whole/],
  ['lan', 'nas.lan 1M/s', 0, /opened whole/],
]
for (const [list, text, at, said] of [...MALFORMED, ...MISLEADING])
  test(`${list} ${JSON.stringify(text).slice(0, 60)} is refused at character ${at + 1}`, () => {
    const problem = refusal(text, list)
    assert.match(problem.message, said)
    assert.equal(problem.at, at)
  })

test('what one list refuses, another takes where it means something', () => {
  for (const [list, text] of [
    ['deny', '10.0.0.0/8'],
    ['deny', '8.8.8.8 tcp:80'],
    ['deny', 'example.org'],
    ['lan', '192.168.1.20'],
    ['lan', 'nas.lan'],
    ['allow', '8.8.8.8 1M/s'],
  ] as const)
    assert.equal(formatRule(parseListed(text, list)), text)
})

const LONG = 500_000
const HOSTILE: readonly [what: string, text: string][] = [
  ['one label', 'a'.repeat(LONG)],
  ['labels', 'a.'.repeat(LONG)],
  ['dots', '.'.repeat(LONG)],
  ['colons', `${':'.repeat(LONG)}x`],
  ['hex and colons', `${'f:'.repeat(LONG)}x`],
  ['digits', `${'1.'.repeat(LONG)}x`],
  ['slashes', `1.2.3.4${'/8'.repeat(LONG)}`],
  ['stars', '*.'.repeat(LONG)],
  ['ports', `example.org ${'1,'.repeat(LONG)}`],
  ['a port', `example.org tcp:${'1'.repeat(LONG)}`],
  ['services', `example.org ${'tcp:1 '.repeat(LONG / 5)}x`],
  ['ranges of ports', `example.org ${Array.from({ length: 30_000 }, (_, at) => 2 * at + 1).join(' ')}`],
  ['a rate', `example.org ${'9'.repeat(LONG)}K/s`],
  ['white space', `${' '.repeat(LONG)}*`],
]
for (const [what, text] of HOSTILE)
  test(`half a million characters of ${what} end with a short refusal`, () =>
    // A search that goes back for each character would not end within the time of any test.
    assert.ok(refusal(text, 'allow').message.length < 300))

test('a refusal cannot write to the terminal', () => {
  for (const text of ['\u001b]52;c;x\u0007.org', 'a.org tcp:\u009b2J', '\u202e1.2.3.4/8', 'a.org \u0000/s'])
    assert.doesNotMatch(refusal(text, 'allow').message, /[\p{Cc}\p{Cf}]/u)
})

test('characters of any kind end as a rule or as a refusal with a place in the text', () => {
  const random = randomNumbers(22)
  const pieces = [
    'example',
    '.',
    '*',
    '*.',
    ' ',
    '\t',
    ':',
    '::',
    '/',
    '8',
    '32',
    '10.0.0.0/8',
    '8.8.8.8',
    'tcp',
    'udp:',
    'icmp',
    ',',
    '-',
    '443',
    '65535',
    '1M/s',
    '/s',
    'İ',
    '\u0000',
    '\ud800',
    '💥',
    '\r',
    '#',
    '__proto__',
    'constructor',
  ] as const
  const read = { rules: 0, problems: 0 }
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(random, pieces)).join('')
    const list = pick<ListName>(random, ['allow', 'deny', 'lan'])
    const rule = ruleOrProblem(text, list)
    if (rule instanceof RuleProblem) {
      read.problems++
      assert.ok(rule.at >= 0 && rule.at <= text.length, JSON.stringify(text))
    } else {
      read.rules++
      assert.deepEqual(parseListed(formatRule(rule), list), rule)
    }
  }
  assert.ok(Math.min(read.rules, read.problems) > 200, JSON.stringify(read))
})

function ruleOrProblem(text: string, list: ListName): NetworkRule | RuleProblem {
  try {
    return parseListed(text, list)
  } catch (error) {
    if (error instanceof RuleProblem) return error
    throw error
  }
}

function refusal(text: string, list: ListName): RuleProblem {
  const problem = ruleOrProblem(text, list)
  assert.ok(problem instanceof RuleProblem, `was read: ${text.slice(0, 80)}`)
  return problem
}
