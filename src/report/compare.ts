import { bySeverity } from '../exam/outcome.ts'
import type { ExamResult, Finding, SubjectRecord, SubjectResult } from '../exam/result-types.ts'
import type { Verdict } from '../exam/types.ts'

/** What is different between two exams; what `exam diff --json` prints. */
export interface ExamComparison {
  readonly version: 1
  readonly before: ExamName
  readonly after: ExamName
  /** Of the machine and of Glovebox. */
  readonly surroundings: readonly Change[]
  readonly subjects: readonly SubjectComparison[]
}

export interface ExamName {
  readonly id: string
  readonly startedAt: string
}

export interface Change {
  /** `kernel`, `tools`, `policy`. */
  readonly what: string
  readonly before: string
  readonly after: string
}

export interface SubjectComparison {
  readonly name: string
  /** Where only one of the two has examined it. */
  readonly only?: 'before' | 'after'
  readonly changes: readonly Change[]
  /** What got worse first, then by severity. */
  readonly verdicts: readonly VerdictChange[]
}

export interface VerdictChange extends Pick<Finding, 'probe' | 'number' | 'asset' | 'title' | 'severity'> {
  readonly direction: 'worse' | 'better' | 'other'
  readonly before: Side
  readonly after: Side
}

export interface Side {
  readonly verdict: Verdict | 'not asked'
  readonly reason: string
}

/** Compares subjects by their names and probes by their ids. Pure. */
export function compareExams(before: ExamResult, after: ExamResult): ExamComparison {
  const names = new Set([...after.subjects, ...before.subjects].map(({ subject }) => subject.name))
  const named = ({ subjects }: ExamResult, name: string) =>
    subjects.find(({ subject }) => subject.name === name)
  return {
    version: 1,
    before: { id: before.id, startedAt: before.startedAt },
    after: { id: after.id, startedAt: after.startedAt },
    surroundings: changesOf(surroundings(before), surroundings(after)),
    subjects: [...names].map((name) => compareSubject(name, named(before, name), named(after, name))),
  }
}

type Facts = Readonly<Record<string, string>>

function surroundings({ glovebox, host }: ExamResult): Facts {
  const { kernel, machine, distribution, uid, cpu, lsm } = host
  return {
    glovebox,
    kernel,
    machine,
    distribution,
    'user id': String(uid),
    processor: cpu,
    'security modules': lsm,
  }
}

function factsOf(record: SubjectRecord): Facts {
  const { argv, tools, engine = '', image, policy, notes } = record
  return {
    ...{ engine, tools: tools.join(', '), image: image?.digest ?? '', policy: policy?.digest ?? '' },
    ...{ 'command line': argv.join(' '), notes: notes.join(' ') },
  }
}

function changesOf(before: Facts, after: Facts): Change[] {
  return Object.keys(after).flatMap((what) => {
    const [old = '', fresh = ''] = [before[what], after[what]]
    return old === fresh ? [] : [{ what, before: old, after: fresh }]
  })
}

function compareSubject(
  name: string,
  before: SubjectResult | undefined,
  after: SubjectResult | undefined,
): SubjectComparison {
  if (before === undefined || after === undefined)
    return { name, only: before === undefined ? 'after' : 'before', changes: [], verdicts: [] }
  const starts = { what: 'starts', before: startOf(before), after: startOf(after) }
  return {
    name,
    changes: [
      ...(starts.before === starts.after ? [] : [starts]),
      ...changesOf(factsOf(before.subject), factsOf(after.subject)),
    ],
    verdicts: compareVerdicts(before.findings, after.findings),
  }
}

const STARTS = 'yes'
const startOf = ({ neverStarted }: SubjectResult): string => neverStarted ?? STARTS

function compareVerdicts(before: readonly Finding[], after: readonly Finding[]): VerdictChange[] {
  const [old, fresh] = [byProbe(before), byProbe(after)]
  const changed = [...new Set([...fresh.keys(), ...old.keys()])].flatMap((probe) => {
    const [was, is] = [old.get(probe), fresh.get(probe)]
    const shown = is ?? was
    return shown === undefined || was?.verdict === is?.verdict
      ? []
      : [changeOf(shown, sideOf(was), sideOf(is))]
  })
  return changed.sort(
    (a, b) => DIRECTIONS.indexOf(a.direction) - DIRECTIONS.indexOf(b.direction) || bySeverity(a, b),
  )
}

const byProbe = (findings: readonly Finding[]) =>
  new Map(findings.map((finding) => [finding.probe, finding] as const))

const DIRECTIONS: readonly VerdictChange['direction'][] = ['worse', 'better', 'other']

const sideOf = (finding: Finding | undefined): Side =>
  finding === undefined
    ? { verdict: 'not asked', reason: '' }
    : { verdict: finding.verdict, reason: finding.reason }

function changeOf(finding: Finding, before: Side, after: Side): VerdictChange {
  const { probe, number, asset, title, severity } = finding
  return {
    probe,
    number,
    asset,
    title,
    severity,
    direction: directionOf(before.verdict, after.verdict),
    before,
    after,
  }
}

/** How much is known to be shut: a wall that was shown to hold, and of which nobody can say any more, has got worse. */
const RANKS: Readonly<Record<Side['verdict'], number | undefined>> = {
  ...{ breach: 0, granted: 1, error: 2, inconclusive: 2, held: 3 },
  ...{ moot: undefined, 'not applicable': undefined, 'not asked': undefined },
}

function directionOf(before: Side['verdict'], after: Side['verdict']): VerdictChange['direction'] {
  const [old, fresh] = [RANKS[before], RANKS[after]]
  if (after === 'breach') return 'worse'
  // A policy that grants what was breached closes nothing.
  if (before === 'breach') return after === 'not asked' || after === 'granted' ? 'other' : 'better'
  if (old === undefined || fresh === undefined || old === fresh) return 'other'
  return fresh < old ? 'worse' : 'better'
}

/** Exit code of `exam diff`: 1 where anything got worse, or a sandbox does not start any more. */
export function comparisonExitCode({ subjects }: ExamComparison): 0 | 1 {
  const worse = subjects.some(
    ({ verdicts, changes }) =>
      verdicts.some(({ direction }) => direction === 'worse') ||
      changes.some(({ what, before }) => what === 'starts' && before === STARTS),
  )
  return worse ? 1 : 0
}
