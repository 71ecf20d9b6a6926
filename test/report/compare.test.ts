import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../src/exam/types.ts'
import { compareExams, comparisonExitCode } from '../../src/report/compare.ts'
import { comparisonReport } from '../../src/report/comparison.ts'
import { explainProbe } from '../../src/report/explain.ts'
import { PLAIN } from '../../src/report/wrap.ts'
import { examResult, finding, foreign, HOSTILE, MIXED, subject, wordsFor } from './results.ts'

const DIRECTIONS: readonly [Verdict, Verdict, string][] = [
  ['held', 'breach', 'worse'],
  ['inconclusive', 'breach', 'worse'],
  ['moot', 'breach', 'worse'],
  ['held', 'inconclusive', 'worse'],
  ['held', 'error', 'worse'],
  ['held', 'granted', 'worse'],
  ['breach', 'held', 'better'],
  ['breach', 'inconclusive', 'better'],
  ['inconclusive', 'held', 'better'],
  ['breach', 'granted', 'other'],
  ['held', 'moot', 'other'],
  ['error', 'inconclusive', 'other'],
  ['not applicable', 'held', 'other'],
]
for (const [before, after, direction] of DIRECTIONS)
  test(`from ${before} to ${after} is ${direction}`, () => {
    const result = (verdict: Verdict) => examResult([subject([finding({ verdict })])])
    const [compared] = compareExams(result(before), result(after)).subjects
    assert.equal(compared?.verdicts[0]?.direction, direction)
  })

test('the same exam twice has no differences', () => {
  const result = examResult([subject(MIXED)])
  const comparison = compareExams(result, result)
  assert.deepEqual(comparison.surroundings, [])
  assert.deepEqual(comparison.subjects, [{ name: 'container', changes: [], verdicts: [] }])
  assert.match(comparisonReport(comparison, PLAIN), /Nothing has changed\.$/)
})

test('what got worse comes first, and the machine, tools, policy and image that changed are named', () => {
  const before = examResult([subject([finding({ probe: 'a', verdict: 'breach' }), finding({ probe: 'b' })])])
  const after = examResult(
    [
      subject(
        [finding({ probe: 'a' }), finding({ probe: 'b', verdict: 'breach' }), finding({ probe: 'c' })],
        {
          tools: ['crun 1.21'],
          policy: { digest: `sha256:${'c'.repeat(64)}`, says: [] },
        },
      ),
      foreign('bwrap', []),
    ],
    { id: 'ff', host: { ...before.host, kernel: '6.19.0' } },
  )
  const comparison = compareExams(before, after)
  assert.deepEqual(comparison.surroundings, [{ what: 'kernel', before: '6.18.0', after: '6.19.0' }])
  const [container, bwrap] = comparison.subjects
  assert.deepEqual(
    container?.changes.map(({ what }) => what),
    ['tools', 'policy'],
  )
  assert.deepEqual(
    container?.verdicts.map(({ probe, direction }) => `${probe} ${direction}`),
    ['b worse', 'a better', 'c other'],
  )
  assert.equal(bwrap?.only, 'after')
  assert.equal(comparisonExitCode(comparison), 1)
  assert.equal(comparisonExitCode(compareExams(before, before)), 0)
  const text = comparisonReport(comparison, PLAIN)
  assert.match(text, /container: 1 worse, 1 better, 1 otherwise changed/)
  assert.match(text, /policy: sha256:bbbbbbbbbbbb… → sha256:cccccccccccc…/)
  assert.match(text, /▼ read keys in your home folder \(host leak, b\): held → breach/)
  assert.match(text, /bwrap: examined only afterwards/)
})

test('a sandbox that does not start any more is a change of its own', () => {
  const never = subject([finding({ verdict: 'inconclusive' })], { neverStarted: 'it ended' })
  const [compared] = compareExams(examResult([subject([finding()])]), examResult([never])).subjects
  assert.equal(comparisonExitCode(compareExams(examResult([subject([finding()])]), examResult([never]))), 1)
  assert.deepEqual(compared?.changes, [{ what: 'starts', before: 'yes', after: 'it ended' }])
})

test('hostile words cannot speak to the terminal, in a comparison or an explanation', () => {
  const result = (verdict: Verdict) =>
    examResult([
      subject([finding({ verdict, reason: HOSTILE, title: HOSTILE })], {
        name: HOSTILE,
        tools: [verdict + HOSTILE],
      }),
    ])
  const after = result('breach')
  const [probe] = wordsFor(after)
  assert.ok(probe)
  for (const text of [
    comparisonReport(compareExams(result('held'), after), PLAIN),
    explainProbe(probe, after, PLAIN),
  ])
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u)
})

test('a probe is explained with what it saw here, how to close it and what that costs', () => {
  const result = examResult([subject([finding({ verdict: 'breach' })])])
  const [probe] = wordsFor(result)
  assert.ok(probe)
  const text = explainProbe(probe, result, PLAIN)
  assert.match(text, /^1\. read keys in your home folder\n/)
  assert.match(text, /container: breach: it got through/)
  assert.match(text, /attempt 1, 2, 3 got through: as it was/)
  assert.match(text, /control without a sandbox: reached \(the nonce/)
  assert.match(text, /How to close it\n {2}Give the box a root of its own\./)
  assert.match(text, /What that costs\n {2}It starts without its settings\./)
  assert.match(text, /It stands for\n {2}ATT&CK T1552\.004, CVE-2024-21626$/)
  assert.match(explainProbe(probe, undefined, PLAIN), /Ask with: glovebox exam --only files-home-secrets/)
})
