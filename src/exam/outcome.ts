import type { ExamResult, Finding, SubjectResult } from './result-types.ts'
import { ASSETS, SEVERITIES, type Verdict } from './types.ts'

/**
 * What the exam of one subject comes to: `held` where something held and nothing was breached; `unknown` where no probe could
 * show anything, for a sandbox that never started is not a safe one.
 */
export type Outcome = 'breach' | 'unknown' | 'held'

/** Verdicts by which a probe has shown something of the wall. `moot` is none: the sandbox has earned nothing. */
const SAYS_SOMETHING: readonly Verdict[] = ['breach', 'granted', 'held']
/** Verdicts that leave a question of the exam open. */
export const OPEN_VERDICTS: readonly Verdict[] = ['error', 'inconclusive']

export function outcomeOf({
  findings,
  neverStarted,
}: Omit<SubjectResult, 'subject' | 'milliseconds'>): Outcome {
  if (findings.some(({ verdict }) => verdict === 'breach')) return 'breach'
  if (neverStarted !== undefined) return 'unknown'
  return findings.some(({ verdict }) => SAYS_SOMETHING.includes(verdict)) ? 'held' : 'unknown'
}

/** Exit codes of `glovebox exam`; 2 is a usage error, as everywhere. */
export const EXIT_CODES = { held: 0, breach: 1, unknown: 3 } as const

/**
 * 0 only when no subject was breached but where its policy grants it. 3 where none was breached, and nobody can say anything of
 * one of them: it never started, or nothing that was asked could be shown. `strict` asks for more: then a single probe that ended
 * in an error or is inconclusive makes a 3, too. Pure.
 */
export function exitCodeOf({ subjects }: Pick<ExamResult, 'subjects'>, { strict = false } = {}): 0 | 1 | 3 {
  const outcomes = subjects.map(outcomeOf)
  if (outcomes.includes('breach')) return EXIT_CODES.breach
  if (outcomes.length === 0 || outcomes.includes('unknown')) return EXIT_CODES.unknown
  const isOpen = ({ findings }: SubjectResult) =>
    findings.some(({ verdict }) => OPEN_VERDICTS.includes(verdict))
  return strict && subjects.some(isOpen) ? EXIT_CODES.unknown : EXIT_CODES.held
}

/** The worst first: by severity, then in the order of reports. */
export function bySeverity(
  a: Pick<Finding, 'severity' | 'asset' | 'number'>,
  b: Pick<Finding, 'severity' | 'asset' | 'number'>,
): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    ASSETS.indexOf(a.asset) - ASSETS.indexOf(b.asset) ||
    a.number - b.number
  )
}

/** What of a subject was breached, the worst first. */
export function breachesOf({ findings }: Pick<SubjectResult, 'findings'>): Finding[] {
  return findings.filter(({ verdict }) => verdict === 'breach').sort(bySeverity)
}

/** How many of each verdict. */
export type Counts = Readonly<Partial<Record<Verdict, number>>>

export function countVerdicts(findings: readonly Pick<Finding, 'verdict'>[]): Counts {
  const counts: Partial<Record<Verdict, number>> = {}
  for (const { verdict } of findings) counts[verdict] = (counts[verdict] ?? 0) + 1
  return counts
}
