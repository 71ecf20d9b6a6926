import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { MAX_LIST_BYTES, MAX_LIST_RULES, parseRuleList, readRule } from '../../src/policy/network-list.ts'
import { formatRule } from '../../src/policy/network-rule.ts'
import { readNetworkWords } from '../../src/policy/read-network.ts'
import { scratchFolder } from '../lan/lab.ts'
import { anyRule, pick } from './any-network.ts'
import { randomNumbers } from './random.ts'

test('a list is a rule a line, in its order, with comments; ends of lines are those of any system', () => {
  const text =
    '\ufeff# what we need\r\nexample.org tcp:443 # web\r\n\r\n\t8.8.8.8 udp:5060#x\n#\n*.example.net'
  assert.deepEqual(parseRuleList(text, 'f').map(formatRule), [
    'example.org tcp:443',
    '8.8.8.8 udp:5060',
    '*.example.net',
  ])
})

test('every list is read back from its own text', () => {
  const random = randomNumbers(31)
  const rules = Array.from({ length: 1000 }, () => anyRule(random))
  assert.deepEqual(parseRuleList(rules.map(formatRule).join('\n'), 'f'), rules)
})

const WRONG: readonly [what: string, text: string, lines: readonly string[]][] = [
  ['no rule', '# nothing\n', ['f:1:1: there is no rule in it']],
  ['an empty file', '', ['f:1:1: there is no rule in it']],
  [
    'several wrong rules',
    'example.org\n  8.8.8.8/8\nexample.org tcp:443,0 # no\n\n*.org',
    ['f:2:3: "8.8.8.8/8" means all of', 'f:3:21: "0" is no port', 'f:5:1: "*.org" means every name of'],
  ],
  ['a private address', 'a.example\n192.168.0.1\n', ['f:2:1: "192.168.0.1": this is private']],
  ['bytes that are no text', '\u0000\ufffd\n', ['f:1:1: "\\u0000']],
  [
    'one rule too many',
    'a.example\n'.repeat(MAX_LIST_RULES + 1),
    ['f:16001:1: there are more rules than 16000'],
  ],
  [
    'more than ten wrong ones',
    '*\n'.repeat(12),
    [...Array.from({ length: 10 }, (_, at) => `f:${at + 1}:1: "*" means every`), '… and 2 more'],
  ],
]
for (const [what, text, lines] of WRONG)
  test(`a list with ${what} is refused where it stands`, () => {
    const said = refusal(text).message.split('\n')
    assert.equal(said.length, lines.length)
    for (const [at, start] of lines.entries())
      assert.ok(said[at]?.startsWith(start), `${said[at]} ≠ ${start}`)
  })

test('a name of a file cannot write to the terminal', () => {
  assert.doesNotMatch(refusal('', '\u001b]0;p\u009b\u202e').message, /[\p{Cc}\p{Cf}]/u)
})

test('lists without end end with a short refusal', () => {
  const most = MAX_LIST_BYTES
  const texts = ['\n', '#', 'x\n', '*', ': ', ' \r', '*.\n', '1,', '#\r'].map((part) =>
    part.repeat(most / part.length),
  )
  for (const text of texts) assert.ok(refusal(text).message.length < 5000, JSON.stringify(text.slice(0, 9)))
})

test('bytes of any kind end as rules or as a refusal', () => {
  const random = randomNumbers(32)
  const pieces = [
    'a.example',
    ' ',
    '\n',
    '\r\n',
    '#',
    'tcp:1',
    '8.8.8.8',
    '/8',
    '\u2028',
    '\ufeff',
    '*.',
    '\u0000',
    '\t',
    '1K/s',
  ] as const
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)))
    const text = Array.from({ length: 10 }, () => pick(random, pieces)).join('')
    for (const each of [text, bytes.toString('latin1'), bytes.toString('utf8')]) rulesOrRefusal(each)
  }
})

test('a rule of a command line is refused with its place', () => {
  assert.equal(formatRule(readRule('Example.org tcp:443', 'allow')), 'example.org tcp:443')
  for (const [text, list, said] of [
    ['example.org tcp:0', 'allow', /at character 17, "0" is no port/],
    ['10.0.0.1', 'allow', /at character 1, "10\.0\.0\.1": this is private/],
    ['example.org tcp', 'deny', /at character 1, .*a name is denied whole/],
  ] as const)
    assert.throws(
      () => readRule(text, list),
      (error) =>
        error instanceof GloveboxError && error.code === 'NETWORK_RULE_INVALID' && said.test(error.message),
    )
})

test('a list that cannot be read is none, and is named', async () => {
  using folder = scratchFolder()
  const [large, good] = [join(folder.path, 'large'), join(folder.path, 'good')]
  writeFileSync(large, '#'.repeat(MAX_LIST_BYTES + 1))
  writeFileSync(good, 'example.org\n')
  const network = await readNetworkWords([`allow:${good}`])
  assert.deepEqual(typeof network === 'object' && network.allow.map(formatRule), ['example.org'])
  for (const path of ['', `${good}.not`, folder.path, large, '/dev/zero', '/dev/null/x'])
    await assert.rejects(
      readNetworkWords([`allow:${path}`]),
      (error) =>
        error instanceof GloveboxError &&
        error.code === 'NETWORK_LIST_UNREADABLE' &&
        error.message.includes(path),
      path,
    )
})

function rulesOrRefusal(text: string, name = 'f'): GloveboxError | undefined {
  try {
    parseRuleList(text, name)
    return undefined
  } catch (error) {
    if (error instanceof GloveboxError && error.code === 'NETWORK_LIST_INVALID') return error
    throw error
  }
}

function refusal(text: string, name = 'f'): GloveboxError {
  const error = rulesOrRefusal(text, name)
  assert.ok(error !== undefined, `was read: ${text.slice(0, 80)}`)
  return error
}
