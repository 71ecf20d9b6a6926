import type { ForeignLine } from './foreign.ts'
import type { ExamResult, Finding } from './result-types.ts'
import type { Verdict } from './types.ts'

/** The reference box with every hole open, and a sandbox that never starts. */
export function selfTest(): ForeignLine[] {
  return [
    {
      name: 'leaky',
      tool: 'env',
      argv: ['{guest}', 'probe', 'box', '--open=all', '--', '{}'],
      from: 'the reference box with every hole open: each probe that applies must say breach',
    },
    {
      name: 'never',
      tool: 'false',
      argv: ['false', '{}'],
      from: 'a sandbox that never starts: nobody can say anything',
    },
  ]
}

/** What a probe of the self-test said that it must not say. */
export interface SelfTestFault {
  readonly subject: string
  readonly finding: Finding
  readonly wanted: string
}

/**
 * Judges the exam by its self-test. In the leaky box a probe must say breach, or name why this machine or this kind of subject
 * gives it nothing to find; with a sandbox that never starts all must be inconclusive.
 */
export function judgeSelfTest(result: ExamResult): SelfTestFault[] {
  return result.subjects.flatMap(({ subject, findings }) =>
    findings
      .map((finding) => ({
        subject: subject.name,
        finding,
        wanted: wantedOf(subject.name, finding, result.host.uid),
      }))
      .filter(({ finding, wanted }) => !wanted.includes(finding.verdict))
      .map(({ wanted, ...fault }) => ({ ...fault, wanted: wanted[0] ?? '' })),
  )
}

/** The verdicts that a finding of the self-test may have, the one that it should have first. Pure. */
function wantedOf(subject: string, finding: Finding, uid: number): readonly Verdict[] {
  if (subject === 'never') return ['inconclusive', 'not applicable']
  const { attacker, attempts, controls } = finding
  /* The machine lacks what it takes, and says what: nobody could reach it here. */
  const lacks = attempts.length === 0 || controls?.bare.state === 'failed'
  /* The leaky box has no user namespace, so an ordinary user is no root in it. */
  const powerless = attacker === 'root in the box' && uid !== 0
  return [
    'breach',
    'moot',
    'not applicable',
    ...(lacks ? (['inconclusive'] as const) : []),
    ...(powerless ? (['held'] as const) : []),
  ]
}
