import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { formatPolicy, parsePolicy } from '../../src/policy/file.ts'
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
