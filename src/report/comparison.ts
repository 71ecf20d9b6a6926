import { printable } from '../policy/quote.ts'
import type { Change, ExamComparison, SubjectComparison, VerdictChange } from './compare.ts'
import { shortDigest } from './words.ts'
import { type TextStyle, wrapped } from './wrap.ts'

/** A comparison for people: what got worse first. Pure; ends without a newline. */
export function comparisonReport(comparison: ExamComparison, style: TextStyle): string {
  const { before, after, surroundings, subjects } = comparison
  const heading = `Exam ${before.id} (${before.startedAt}) against ${after.id} (${after.startedAt})`
  const changed = subjects.filter(
    ({ only, changes, verdicts }) => only !== undefined || changes.length + verdicts.length > 0,
  )
  const nothing = surroundings.length + changed.length === 0
  return [
    ...wrapped(printable(heading), style.width).map((line) => style.paint(line, 'dim')),
    ...(nothing ? ['Nothing has changed.'] : []),
    ...changeLines(surroundings, style),
    ...changed.flatMap((subject) => ['', ...subjectLines(subject, style)]),
  ].join('\n')
}

function changeLines(changes: readonly Change[], { width }: TextStyle): string[] {
  const shown = (value: string) => (value === '' ? 'none' : shortDigest(value))
  return changes.flatMap(({ what, before, after }) =>
    wrapped(`${what}: ${shown(before)} → ${shown(after)}`, width, '  '),
  )
}

function subjectLines(subject: SubjectComparison, style: TextStyle): string[] {
  const { name, only, changes, verdicts } = subject
  if (only !== undefined)
    return wrapped(
      printable(`${name}: examined only ${only === 'before' ? 'before' : 'afterwards'}`),
      style.width,
    )
  return [
    ...wrapped(printable(`${name}: ${countsOf(verdicts)}`), style.width).map((line) =>
      style.paint(line, 'bold'),
    ),
    ...changeLines(changes, style),
    ...verdicts.flatMap((verdict) => verdictLines(verdict, style)),
  ]
}

function countsOf(verdicts: readonly VerdictChange[]): string {
  const counts = (['worse', 'better', 'other'] as const).flatMap((direction) => {
    const count = verdicts.filter((verdict) => verdict.direction === direction).length
    return count === 0 ? [] : [direction === 'other' ? `${count} otherwise changed` : `${count} ${direction}`]
  })
  return counts.length === 0 ? 'the same verdicts' : counts.join(', ')
}

const SIGNS = { worse: '▼', better: '▲', other: '·' } as const
const STYLES = { worse: 'red', better: 'green', other: 'dim' } as const

function verdictLines(change: VerdictChange, { width, paint }: TextStyle): string[] {
  const { title, severity, probe, direction, before, after } = change
  const head = `${title} (${severity}, ${probe}): ${before.verdict} → ${after.verdict}`
  const reason = after.reason === '' ? before.reason : after.reason
  return [
    ...wrapped(printable(head), width, `  ${SIGNS[direction]} `).map((line) =>
      paint(line, STYLES[direction]),
    ),
    ...(reason === '' ? [] : wrapped(printable(reason), width, '    ')),
  ]
}
