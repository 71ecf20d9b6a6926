import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { ExamResult, Finding } from '../../src/exam/result-types.ts'
import { judgeSelfTest } from '../../src/exam/self-test.ts'
import { examResult, finding, foreign, PROPER_CONTROLS } from '../report/results.ts'
import { cli, readyGlovebox } from '../support/base-box.ts'

/* The exam's exam: how it is judged, and that this very program passes it. */

before(() => readyGlovebox())

const root: ExamResult['host'] = { ...examResult([]).host, uid: 0 }

/** What the self-test calls wrong with this finding of the leaky box, or of the one that never starts. */
function wrong(name: 'leaky' | 'never', one: Finding, host = root): string[] {
  const faults = judgeSelfTest(examResult([foreign(name, [one])], { host }))
  return faults.map(({ finding: { verdict }, wanted }) => `${verdict}, not ${wanted}`)
}

const BLIND = { ...PROPER_CONTROLS, bare: { state: 'failed', evidence: 'no loopback' } } as const

test('in the leaky box only a breach will do, or a reason of the machine’s', () => {
  assert.deepEqual(wrong('leaky', finding({ verdict: 'breach' })), [])
  assert.deepEqual(wrong('leaky', finding({ verdict: 'held' })), ['held, not breach'])
  assert.deepEqual(wrong('leaky', finding({ verdict: 'error' })), ['error, not breach'])
  assert.deepEqual(wrong('leaky', finding({ verdict: 'granted' })), ['granted, not breach'])
  for (const verdict of ['moot', 'not applicable'] as const)
    assert.deepEqual(wrong('leaky', finding({ verdict })), [])
})

test('what nobody can say of the leaky box is a fault, but where the machine lacks what it takes', () => {
  assert.deepEqual(wrong('leaky', finding({ verdict: 'inconclusive' })), ['inconclusive, not breach'])
  assert.deepEqual(wrong('leaky', finding({ verdict: 'inconclusive', attempts: [] })), [])
  assert.deepEqual(wrong('leaky', finding({ verdict: 'inconclusive', controls: BLIND })), [])
})

test('where an ordinary user is no root in the leaky box, what takes root is held', () => {
  const held = finding({ verdict: 'held', attacker: 'root in the box' })
  assert.deepEqual(wrong('leaky', held, { ...root, uid: 1000 }), [])
  assert.deepEqual(wrong('leaky', held), ['held, not breach'])
  assert.deepEqual(wrong('leaky', finding({ verdict: 'held' }), { ...root, uid: 1000 }), ['held, not breach'])
})

test('of a sandbox that never starts nothing may be said', () => {
  assert.deepEqual(wrong('never', finding({ verdict: 'inconclusive' })), [])
  for (const verdict of ['held', 'breach', 'moot', 'error'] as const)
    assert.deepEqual(wrong('never', finding({ verdict })), [`${verdict}, not inconclusive`])
})

test('this exam passes its own self-test of these groups', () => {
  const only = 'files,processes,identity-account,terminal,kernel-user-namespace,network-rogue-dhcp'
  const { code, out, err } = cli(['exam', '--self-test', '--only', only])
  assert.match(out, /^The exam is sound: /m, out + err)
  assert.equal(code, 0)
})
