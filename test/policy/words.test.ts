import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { policyFromFlags } from '../../src/policy/flags.ts'
import { GRANT_NAMES } from '../../src/policy/grants.ts'
import { networkOfWords } from '../../src/policy/network.ts'
import { parseRule } from '../../src/policy/network-rule.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import { LIMIT_NAMES } from '../../src/policy/types.ts'
import { describePolicy } from '../../src/policy/words.ts'
import { anyPolicy } from './any-policy.ts'
import { randomNumbers } from './random.ts'

test('a policy without a network says what is out of reach', () => {
  const text = describePolicy({ ...DEFAULT_POLICY, network: 'none' })
  for (const word of ['internet', 'local network', 'your home', 'clipboard', 'microphone', 'other boxes'])
    assert.ok(text.slice(text.indexOf('It cannot reach')).includes(word), word)
  assert.match(text, /Grants beyond this: none/)
  assert.match(text, /processes and threads +4096/)
  assert.match(text, /memory +unlimited/)
})

const NETWORKS: readonly [what: string, words: readonly string[], reaches: RegExp, not: RegExp][] = [
  [
    'the default',
    ['image'],
    /- the internet: .+ if its image asks for a network; otherwise none -/,
    /- your local/,
  ],
  [
    'the internet',
    ['internet'],
    /- the internet: every global address/,
    /- your local network and services of/,
  ],
  [
    'the LAN',
    ['lan'],
    /- YOUR LOCAL NETWORK: every address/,
    /- services of this machine, .+; nor any other/,
  ],
  ['both', ['internet', 'lan'], /- the internet: .+ - YOUR LOCAL NETWORK/, /- services of this machine, in/],
  [
    'a host of the LAN',
    ['lan:192.168.7.9'],
    /- of your local network only 192\.168\.7\.9 -/,
    /nor any other/,
  ],
  [
    'a service',
    ['host:631'],
    /- as host\.glovebox, of this machine, port 631 -/,
    /nor other services of this/,
  ],
]
for (const [what, words, reaches, not] of NETWORKS)
  test(`what ${what} opens and leaves closed is said`, () => {
    const network = networkOfWords(words, () => [])
    const text = describePolicy({ ...DEFAULT_POLICY, network }).replaceAll(/\s+/g, ' ')
    const [can, cannot] = text.split('It cannot reach')
    assert.match(can ?? '', reaches)
    assert.match(cannot ?? '', not)
  })

test('of long lists and names the beginning is told, and whose a name is', () => {
  const allow = Array.from({ length: 100 }, (_, at) =>
    parseRule(`${'www.good.example.'.repeat(13)}evil${at}.example tcp:443`),
  )
  const text = describePolicy({ ...DEFAULT_POLICY, network: { ...CLOSED, allow } }).replaceAll(/\s+/g, ' ')
  assert.match(text, /only www\.good….+evil0\.example tcp:443; .+; .+evil2\.example tcp:443; and 97 more -/)
})

test('who reaches a published port is said', () => {
  const said = (publish: string[]): string => describePolicy(policyFromFlags({ publish }))
  assert.match(said(['8080:80']), /who connects to it: programs of this machine, at 8080:80\n/)
  assert.match(
    said(['8080', '192.0.2.7:81:80/udp']),
    /this machine and OF OTHERS, at .+192\.0\.2\.7:81:80\/udp\n/,
  )
})

test('each grant is named with its price', () => {
  const text = describePolicy(policyFromFlags({ grant: GRANT_NAMES }))
  assert.match(text, /- user-namespaces: .+\n {4}price: .+CVE-2022-0185/)
})

const MEANS: readonly [how: string, said: RegExp][] = [
  ['cgroup2', /1G +held by the kernel \(control group\)/],
  ['systemd-scope', /1G +held by the kernel \(control group of your systemd session\)/],
  ['waived', /1G +NOT held on this host: waived/],
  ['something-new', /1G +something-new/],
]
for (const [how, said] of MEANS)
  test(`a memory bound held by ${how} says so`, () => {
    assert.match(describePolicy(policyFromFlags({ memory: '1G' }), { memory: how }), said)
  })

test('without a host, a waiver is said as what it is', () => {
  const policy = policyFromFlags({ memory: '1G', allowUnenforced: ['memory'] })
  assert.match(describePolicy(policy), /memory +1G +waived where the host cannot hold it/)
})

test('writes that count against the memory are said, where they can exceed it', () => {
  const note = /count against its memory/
  assert.match(describePolicy(policyFromFlags({ memory: '1G' }), { disk: 'tmpfs' }), note)
  assert.doesNotMatch(describePolicy(policyFromFlags({ memory: '1G' }), { disk: 'waived' }), note)
  assert.doesNotMatch(describePolicy(policyFromFlags({ memory: '4G' }), { disk: 'tmpfs' }), note)
  assert.doesNotMatch(describePolicy(DEFAULT_POLICY, { disk: 'tmpfs' }), note)
})

test('every policy fits one screen', () => {
  const random = randomNumbers(5)
  const longest = 'held by the kernel (size of the file system in memory)'
  for (let round = 0; round < 300; round++) {
    const policy = anyPolicy(random)
    const text = describePolicy(policy, Object.fromEntries(LIMIT_NAMES.map((name) => [name, longest])))
    const lines = text.split('\n')
    assert.ok(lines.length <= 40, `${lines.length} lines`)
    assert.ok(Math.max(...lines.map((line) => line.length)) <= 110, text)
  }
})

test('a box that has joined a network reaches the boxes of that one, and no others', () => {
  const text = describePolicy(policyFromFlags({ join: 'team' }))
  assert.match(text, /can reach\n(?: {2}.*\n)* {2}- the other boxes of the network team\n/)
  assert.match(text, /other boxes but those of that network/)
})
