import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { formatPolicy, parsePolicy } from '../../src/policy/file.ts'
import type { AskedNetwork } from '../../src/policy/network.ts'
import { parseRule } from '../../src/policy/network-rule.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import { anyPolicy } from './any-policy.ts'
import { randomNumbers } from './random.ts'

const FULL = `
network: none
grants: [user-namespaces]
limits:
  memory: 512M
  cpus: 1.5
  processes: 64
  open-files: 128
  disk: unlimited
  wall: 30m
allow-unenforced: [memory]
`

test('a policy file says every part of a policy', () => {
  assert.deepEqual(parsePolicy(FULL, 'policy.yaml'), {
    network: 'none',
    grants: ['user-namespaces'],
    limits: { memoryBytes: 2 ** 29, cpus: 1.5, processes: 64, openFiles: 128, wallMs: 1_800_000 },
    allowUnenforced: ['memory'],
  })
})

test('what a file leaves out is as in the default', () => {
  assert.deepEqual(parsePolicy('network: image', 'p'), DEFAULT_POLICY)
  assert.deepEqual(parsePolicy('{"limits":{"memory":536870912}}', 'p.json').limits, {
    ...DEFAULT_POLICY.limits,
    memoryBytes: 2 ** 29,
  })
})

test('a network is a word, or says what is open; YAML and JSON alike', () => {
  const network = (text: string): AskedNetwork => parsePolicy(text, 'p').network
  assert.equal(network('network: none'), 'none')
  assert.deepEqual(network('network: internet'), { ...CLOSED, internet: true })
  assert.deepEqual(network('network: lan'), { ...CLOSED, lan: 'segment' })
  assert.deepEqual(network('network: {}'), CLOSED)
  assert.deepEqual(network('network: {lan: [], internet: false, rates: {}}'), CLOSED)
  const yaml = `
network:
  lan: [192.168.1.20, nas.lan]
  allow:
    - example.org tcp:443   # the web
    - 2606:2800::/32 udp:5060 1M/s
  deny: ["*.ads.example.org"]
  host: [631, 5353/udp]
  publish: [8080:80, 9000]
  join: team
  rates: {sent: 8M, flows: 100}
`
  const json = {
    lan: ['192.168.1.20', 'nas.lan'],
    allow: ['example.org tcp:443', '2606:2800::/32 udp:5060 1M/s'],
    deny: ['*.ads.example.org'],
    host: [631, '5353/udp'],
    publish: ['8080:80', 9000],
    join: 'team',
    rates: { sent: 8 * 2 ** 20, flows: 100 },
  }
  const read = network(yaml)
  assert.deepEqual(network(JSON.stringify({ network: json }, undefined, 1)), read)
  assert.deepEqual(read, {
    internet: false,
    lan: [
      { kind: 'range', range: '192.168.1.20' },
      { kind: 'name', name: 'nas.lan' },
    ],
    allow: json.allow.map((text) => parseRule(text)),
    deny: json.deny.map((text) => parseRule(text)),
    host: [
      { transport: 'tcp', port: 631 },
      { transport: 'udp', port: 5353 },
    ],
    publish: [
      { transport: 'tcp', port: 8080, boxPort: 80, from: 'machine' },
      { transport: 'tcp', port: 9000, boxPort: 9000, from: 'machine' },
    ],
    join: 'team',
    rates: { bytesPerSecond: 2 ** 23, newFlowsPerSecond: 100 },
  })
})

test('10,000 rules are read, and read back from their own file', () => {
  const allow = Array.from({ length: 10_000 }, (_, at) => parseRule(`host${at}.example.org tcp:443`))
  const policy = { ...DEFAULT_POLICY, network: { ...CLOSED, allow } }
  assert.deepEqual(parsePolicy(formatPolicy(policy), 'p'), policy)
})

test('a limit that a file names is not waived by the default', () => {
  assert.deepEqual(parsePolicy('limits: {disk: 1G}', 'p').allowUnenforced, [])
})

test('every policy is read back from its own file', () => {
  const random = randomNumbers(3)
  for (let round = 0; round < 200; round++) {
    const policy = anyPolicy(random)
    assert.deepEqual(parsePolicy(formatPolicy(policy), 'p'), policy)
  }
})

const REFUSED: readonly [what: string, text: string, lines: readonly string[]][] = [
  [
    'an unknown field',
    'network: none\nlimit: {}\n',
    ['p:2:1: "limit" is no field of a policy. Did you mean limits?'],
  ],
  [
    'an unknown limit',
    'limits:\n  memroy: 1G\n  wal: 1s\n',
    [
      'p:2:3: "memroy" is no field of limits. Did you mean memory?',
      'p:3:3: "wal" is no field of limits. Did you mean wall?',
    ],
  ],
  ['a wrong size', 'limits:\n  memory: 12Q\n', ['p:2:11: Cannot use "12Q" for limits.memory: ']],
  ['a duration without a unit', 'limits: {wall: 30}', ['p:1:16: Cannot use "30" for limits.wall: ']],
  [
    'a limit out of its range',
    'limits: {cpus: 0}',
    ['p:1:16: Cannot use "0" for limits.cpus: the least is 0.01.'],
  ],
  [
    'a limit without a value',
    'limits:\n  memory:\n',
    ['p:2:10: limits.memory: expected a value such as 512M'],
  ],
  ['a limit that is a list', 'limits: {cpus: [1]}', ['p:1:16: limits.cpus: expected a value such as 1.5']],
  ['limits that are a list', 'limits: [memory]', ['p:1:9: limits: expected a mapping.']],
  [
    'another network',
    'network: host',
    ['p:1:10: network: "host" is not known here. Choose from: none, internet, lan, image.'],
  ],
  [
    'an unknown grant',
    'grants: [user-namespace]',
    ['p:1:10: grants[0]: "user-namespace" is not known here. Did you mean'],
  ],
  ['one grant that is no list', 'grants: user-namespaces', ['p:1:9: grants: expected a list']],
  [
    'an unknown waiver',
    'allow-unenforced:\n  - memory\n  - dsk\n',
    ['p:3:5: allow-unenforced[1]: "dsk" is not known'],
  ],
  [
    'a misspelt field of the network',
    'network:\n  internt: true\n',
    ['p:2:3: "internt" is no field of network. Did you mean internet?'],
  ],
  [
    'a misspelt field of the rates',
    'network: {rates: {snt: 1M}}',
    ['p:1:19: "snt" is no field of rates. Did you mean sent?'],
  ],
  [
    'a wrong rule, each',
    'network:\n  allow:\n    - example.org\n    - 10.0.0.1\n    - "*.org"\n  deny: [a.example tcp]\n',
    [
      'p:4:7: "10.0.0.1": this is private',
      'p:5:7: "*.org" means every name',
      'p:6:10: "a.example tcp": a name is denied whole',
    ],
  ],
  ['a rule that is a number', 'network: {allow: [1.5]}', ['p:1:19: "1.5" is no address']],
  [
    'a rule that is a mapping',
    'network:\n  allow:\n    - example.org: tcp\n',
    ['p:3:7: network.allow[0]: expected a text'],
  ],
  ['rules that are no list', 'network: {allow: example.org}', ['p:1:18: network.allow: expected a list']],
  [
    'internet beside allow',
    'network: {internet: true, allow: [example.org]}',
    ['p:1:10: network: allow narrows nothing'],
  ],
  [
    'the internet as a text',
    'network: {internet: "yes"}',
    ['p:1:21: network.internet: expected true or false'],
  ],
  ['the LAN as a word', 'network: {lan: all}', ['p:1:16: network.lan: expected true for the whole network']],
  [
    'a host of the LAN with services',
    'network:\n  lan: [192.168.1.2 tcp]',
    ['p:2:9: "192.168.1.2 tcp": a host'],
  ],
  ['port 53 of this machine', 'network: {host: [53]}', ['p:1:18: port 53']],
  [
    'a service twice',
    'network: {host: [631, 631/tcp]}',
    ['p:1:10: network: a port of this machine is opened twice'],
  ],
  ['no port to publish', 'network: {publish: [8080, x:1]}', ['p:1:27: "x:1" is no port']],
  [
    'a port published twice',
    'network: {publish: [8080, 8080:81]}',
    ['p:1:10: network: a port of this machine is published twice'],
  ],
  [
    'a name of a network that is none',
    'network: {join: My Team}',
    ['p:1:17: network.join: this is no name of small'],
  ],
  ['a rate that lets nothing pass', 'network: {rates: {sent: 0}}', ['p:1:25: Cannot use "0"']],
  ['a rate without bounds', 'network: {rates: {sent: 9G}}', ['p:1:25: Cannot use "9G"']],
  ['no new connections', 'network: {rates: {flows: 0}}', ['p:1:26: network.rates.flows: ']],
  ['a network that is a list', 'network: [internet]', ['p:1:10: network: ']],
  ['a network without a value', 'network:\n', ['p:1:9: network: ']],
  ['a field twice', 'network: none\nnetwork: none\n', ['p:2:1: Map keys must be unique']],
  ['broken YAML', 'limits: {memory: 1G', ['p:1:']],
  ['two documents', 'network: none\n---\nnetwork: none\n', ['p:2:1: ']],
  ['an empty file', '', ['p:1:1: a policy is a mapping']],
  ['a list', '- network', ['p:1:1: a policy is a mapping']],
  ['a tag', 'network: !js none', ['p:1:10: Unresolved tag']],
  ['an alias', 'network: &a none\ngrants: [*a]\n', ['p:2:10: aliases (*name) are not read here']],
  ['a merge key', 'limits: &a {cpus: 1}\n<<: *a\n', ['p:2:5: aliases']],
  ['a prototype', '__proto__: {network: none}', ['p:1:1: "__proto__" is no field']],
  ['a field that is a list', '? [a]\n: b\n', ['p:1:']],
]
for (const [what, text, lines] of REFUSED)
  test(`${what} is refused where it stands`, () => assert.deepEqual(unmet(refusal(text), lines), []))

const HOSTILE: readonly [what: string, text: string][] = [
  ['a file over 2 MiB', `# ${'x'.repeat(2 * 2 ** 20)}`],
  ['lists nested without end', '['.repeat(65_000)],
  ['mappings nested without end', '{a: '.repeat(16_000)],
  ['block lists nested without end', '- '.repeat(32_000)],
  ['nothing but unknown fields', Array.from({ length: 6000 }, (_, at) => `k${at}: 1`).join('\n')],
  ['thousands of grants', `grants: [${'x,'.repeat(30_000)}]`],
  ['a value of 60 KiB', `network: ${'x'.repeat(60_000)}`],
  ['a tag of 60 KiB', '!'.repeat(60_000)],
  ['thousands of wrong rules', `network: {allow: [${'"*",'.repeat(15_000)}]}`],
  ['more rules than are taken', `network: {allow: [${'a.example,'.repeat(17_000)}]}`],
  ['a rule of 60 KiB', `network: {allow: ["${'*.'.repeat(30_000)}"]}`],
  [
    'an alias bomb',
    `a: &a [1]\n${Array.from({ length: 20 }, (_, at) => `${'b'.repeat(at + 1)}: [*a, *a]`).join('\n')}`,
  ],
]
for (const [what, text] of HOSTILE)
  test(`${what} ends with a short refusal`, () => assert.ok(refusal(text).message.length < 5000))

test('a refusal cannot write to the terminal, by the file or by its name', () => {
  const texts = [
    'network: "\\e]52;c;x\\a"',
    '"\\e[2J": 1',
    'grants: ["\\u202e\\x9b"]',
    'limits: {cpus: "\\e"}',
  ]
  for (const text of texts)
    assert.doesNotMatch(refusal(text, '\u001b]0;p').message.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
})

test('bytes of any kind end as a policy or as a refusal', () => {
  const random = randomNumbers(4)
  const pieces = [
    ...FULL.split(/(\W)/),
    '*a',
    '&a ',
    '{',
    '[',
    '"',
    '!!x ',
    '\t',
    '\0',
    '\u2028',
    '? ',
    '|',
    '---\n',
  ]
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: 12 }, () => pieces[Math.floor(random() * pieces.length)]).join('')
    try {
      parsePolicy(text, 'p')
    } catch (error) {
      assert.ok(error instanceof GloveboxError && error.code === 'POLICY_INVALID', JSON.stringify(text))
    }
  }
})

function refusal(text: string, fileName = 'p'): GloveboxError {
  try {
    parsePolicy(text, fileName)
  } catch (error) {
    if (error instanceof GloveboxError && error.code === 'POLICY_INVALID') return error
    throw error
  }
  throw new Error(`was read: ${text.slice(0, 80)}`)
}

/** The lines that the message does not begin with, one by one. */
function unmet(error: GloveboxError, wanted: readonly string[]): string[] {
  const lines = error.message.split('\n')
  return wanted
    .filter((start, at) => !lines[at]?.startsWith(start))
    .map((start, at) => `${start} ≠ ${lines[at]}`)
}
