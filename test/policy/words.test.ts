import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { policyFromFlags } from '../../src/policy/flags.ts'
import { GRANT_NAMES } from '../../src/policy/grants.ts'
import { LIMIT_NAMES } from '../../src/policy/types.ts'
import { describePolicy } from '../../src/policy/words.ts'
import { anyPolicy } from './any-policy.ts'
import { randomNumbers } from './random.ts'

test('the default policy says what is out of reach', () => {
  const text = describePolicy(DEFAULT_POLICY)
  for (const word of ['internet', 'local network', 'your home', 'clipboard', 'microphone', 'other boxes'])
    assert.ok(text.slice(text.indexOf('It cannot reach')).includes(word), word)
  assert.match(text, /Grants beyond this: none/)
  assert.match(text, /processes and threads +4096/)
  assert.match(text, /memory +unlimited/)
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
