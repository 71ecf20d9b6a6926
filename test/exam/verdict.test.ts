import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Controls } from '../../src/exam/result-types.ts'
import type { Sighting, Verdict } from '../../src/exam/types.ts'
import { judge, type Trial } from '../../src/exam/verdict.ts'

const REACHED = { state: 'reached', evidence: 'seen' } as const
const NOT = { state: 'not reached', evidence: 'refused' } as const
const FAILED = { state: 'failed', evidence: 'crashed' } as const
const GOOD: Controls = { bare: REACHED, holed: REACHED, negative: NOT }
const hit: Sighting = { reached: true, evidence: 'the nonce came out' }
const miss: Sighting = { reached: false, evidence: 'errno 13' }
const crash: Sighting = { reached: false, evidence: 'signal 11', failed: true }

const table: readonly (readonly [string, Trial, Verdict])[] = [
  ['three misses beside good controls', { controls: GOOD, attempts: [miss, miss, miss] }, 'held'],
  ['one hit of three', { controls: GOOD, attempts: [miss, hit, miss] }, 'breach'],
  [
    'a hit that the policy grants',
    { controls: GOOD, attempts: [hit], granted: 'the policy opens it' },
    'granted',
  ],
  ['a miss that the policy would grant', { controls: GOOD, attempts: [miss], granted: 'opened' }, 'held'],
  ['a hit although a control fails', { controls: { ...GOOD, holed: NOT }, attempts: [hit] }, 'breach'],
  [
    'a hit beside a negative control that hits',
    { controls: { ...GOOD, negative: REACHED }, attempts: [hit] },
    'inconclusive',
  ],
  [
    'misses beside a bare control that misses',
    { controls: { ...GOOD, bare: NOT }, attempts: [miss] },
    'inconclusive',
  ],
  [
    'the same, and the machine prevents it',
    { controls: { ...GOOD, bare: NOT }, attempts: [miss], moot: 'sysctl' },
    'moot',
  ],
  [
    'a bare control that crashed is not moot',
    { controls: { ...GOOD, bare: FAILED }, attempts: [miss], moot: 'sysctl' },
    'inconclusive',
  ],
  [
    'misses beside a hole that is not found',
    { controls: { ...GOOD, holed: NOT }, attempts: [miss] },
    'inconclusive',
  ],
  [
    'misses beside a hole that crashed',
    { controls: { ...GOOD, holed: FAILED }, attempts: [miss] },
    'inconclusive',
  ],
  [
    'misses beside a negative control that crashed',
    { controls: { ...GOOD, negative: FAILED }, attempts: [miss] },
    'inconclusive',
  ],
  ['one crash of three', { controls: GOOD, attempts: [miss, crash, miss] }, 'error'],
  ['a crash and a hit', { controls: GOOD, attempts: [crash, hit] }, 'breach'],
  ['no attempt', { controls: GOOD, attempts: [] }, 'inconclusive'],
  ['no controls', { attempts: [miss] }, 'inconclusive'],
  ['a sandbox that never started', { neverStarted: 'it ended with 1', attempts: [] }, 'inconclusive'],
  ['a tool that is missing', { lacks: 'no X server', attempts: [] }, 'inconclusive'],
  ['an exam that failed itself', { broken: 'ENOSPC', attempts: [] }, 'error'],
  [
    'what is not for this subject',
    { notFor: 'no machine', neverStarted: 'x', attempts: [] },
    'not applicable',
  ],
]

for (const [name, trial, verdict] of table)
  test(`${name}: ${verdict}`, () => {
    const judged = judge(trial)
    assert.equal(judged.verdict, verdict, judged.reason)
    assert.notEqual(judged.reason, '')
  })

test('held needs all three controls and every attempt: no other trial comes to it', () => {
  const controls = [REACHED, NOT, FAILED]
  for (const bare of controls)
    for (const holed of controls)
      for (const negative of controls)
        for (const attempts of [[], [miss], [miss, crash], [miss, hit], [crash]]) {
          const { verdict } = judge({ controls: { bare, holed, negative }, attempts })
          const may =
            bare === REACHED &&
            holed === REACHED &&
            negative === NOT &&
            attempts.length === 1 &&
            attempts[0] === miss
          assert.equal(verdict === 'held', may, JSON.stringify({ bare, holed, negative, attempts, verdict }))
        }
})
