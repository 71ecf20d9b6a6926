import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { NETWORK } from '../../src/exam/catalogue/network/index.ts'
import type { Finding } from '../../src/exam/result-types.ts'
import { engineSubject, ownCommand } from '../../src/exam/subject.ts'
import { judge } from '../../src/exam/verdict.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, ours } from './support.ts'

/* The probes of network and LAN, on the exam's own test LAN. */

const IDS = NETWORK.map(({ id }) => id)

before(() => readyGlovebox())

test('the catalogue has the questions 74 to 94, each once', () => {
  assert.deepEqual(
    NETWORK.map(({ number }) => number),
    Array.from({ length: 21 }, (_, at) => 74 + at),
  )
})

test('a sandbox that does not start on the test LAN says nothing about its walls', () => {
  const control = (state: 'reached' | 'not reached') => ({ state, evidence: '' })
  const controls = {
    bare: control('reached'),
    holed: control('reached'),
    negative: control('not reached'),
  }
  const unstarted = { reached: false, evidence: 'no setuid here', failed: true, unstarted: true } as const
  const { verdict, reason } = judge({ controls, attempts: [unstarted, unstarted, unstarted] })
  assert.deepEqual({ verdict, reason }, { verdict: 'inconclusive', reason: 'no setuid here' })
})

describe('without a sandbox', () => {
  let findings: Map<string, Finding>
  before(async () => {
    findings = await examineWith(LEAKY, ['network'])
  })

  for (const { id, attacker } of NETWORK) {
    // Without any sandbox an ordinary user is no root who could make frames; a broadcast to the port of DHCP takes no rights.
    const frames = attacker === 'root in the box' && id !== 'network-rogue-dhcp'
    const verdict = frames && process.getuid?.() !== 0 ? 'held' : 'breach'
    test(`${id}: ${verdict}, and its controls work`, () => {
      const finding = findings.get(id)
      assertVerdict(finding, verdict)
      assertControls(finding)
    })
  }
})

describe('a container with the internet, or an allowlist', () => {
  let findings: Map<string, Finding>
  before(async () => {
    findings = await examineWith(ours('container'), ['network'])
  })

  for (const id of IDS) test(`${id} is held`, () => assertVerdict(findings.get(id), 'held'))
})

test('what the policy opens is granted, and no breach', async () => {
  const policy = { ...DEFAULT_POLICY, network: { ...CLOSED, internet: true } }
  const policyOptions = ['--network', 'internet']
  const subject = {
    engine: 'container',
    image: 'base',
    policy,
    policyOptions,
    glovebox: ownCommand(),
  } as const
  const findings = await examineWith(engineSubject(subject), ['network-direct-address'])
  assertVerdict(findings.get('network-direct-address'), 'granted')
})
