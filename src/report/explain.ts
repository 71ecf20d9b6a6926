import type { ExamResult, Finding, SubjectRecord } from '../exam/result-types.ts'
import { printable } from '../policy/quote.ts'
import { attemptsInWords, controlsInWords, type ProbeWords, VERDICT_MEANS } from './words.ts'
import { type TextStyle, wrapped } from './wrap.ts'

/**
 * A probe for somebody who was told of its verdict: what it does, what it saw on this machine where a result is at hand, how it is
 * closed, what that costs, and what has happened elsewhere. Pure; ends without a newline.
 */
export function explainProbe(probe: ProbeWords, result: ExamResult | undefined, style: TextStyle): string {
  const { width, paint } = style
  const paragraph = (text: string) => wrapped(printable(text), width, '  ')
  const section = (title: string, lines: readonly string[]) => ['', paint(title, 'bold'), ...lines]
  return [
    paint(printable(`${probe.number}. ${probe.title}`), 'bold'),
    ...paragraph(
      `${probe.id}, of ${probe.asset}. A breach is: ${probe.severity}. Attacker: ${probe.attacker}.`,
    ),
    ...section('What it does', paragraph(probe.tries)),
    ...section('On this machine', seen(probe, result, style)),
    ...section('How to close it', paragraph(probe.closing)),
    ...section('What that costs', paragraph(probe.price)),
    ...section('It stands for', paragraph(probe.standsFor.join(', '))),
  ].join('\n')
}

function seen({ id }: ProbeWords, result: ExamResult | undefined, style: TextStyle): string[] {
  const found = (result?.subjects ?? []).flatMap(({ subject, findings }) =>
    findings.filter(({ probe }) => probe === id).map((finding) => ({ subject, finding })),
  )
  if (result === undefined || found.length === 0)
    return wrapped(`It was not asked yet. Ask with: glovebox exam --only ${printable(id)}`, style.width, '  ')
  const { id: exam, startedAt, host } = result
  const about = `Exam ${exam} of ${startedAt.slice(0, 16).replace('T', ' ')} UTC, Linux ${host.kernel}.`
  return [
    ...wrapped(printable(about), style.width, '  ').map((line) => style.paint(line, 'dim')),
    ...found.flatMap(({ subject, finding }) => findingLines(subject, finding, style)),
  ]
}

const VERDICT_STYLES = {
  ...({ breach: 'red', held: 'green', error: 'yellow', inconclusive: 'yellow' } as const),
  ...({ granted: 'dim', moot: 'dim', 'not applicable': 'dim' } as const),
} as const

function findingLines(subject: SubjectRecord, finding: Finding, { width, paint }: TextStyle): string[] {
  const { verdict, reason } = finding
  const verdictLines = wrapped(
    printable(`${subject.name}: ${verdict}: ${VERDICT_MEANS[verdict]}`),
    width,
    '  ',
  ).map((line) => paint(line, VERDICT_STYLES[verdict]))
  return [
    ...verdictLines,
    ...wrapped(`${printable(reason)}; ${attemptsInWords(finding)}`, width, '    '),
    ...attemptLines(finding, width),
    ...controlsInWords(finding.controls).flatMap(([name, words, right]) =>
      wrapped(`control ${name}: ${words}${right ? '' : '; it must be otherwise'}`, width, '    '),
    ),
  ]
}

/** Attempts that came to the same stand together; where all came to what is said already, there is nothing to add. */
function attemptLines({ attempts, reason }: Finding, width: number): string[] {
  const groups = Map.groupBy(
    attempts.map((attempt, at) => ({ ...attempt, number: at + 1 })),
    ({ reached, failed, evidence }) =>
      `${failed ? 'failed' : reached ? 'got through' : 'did not get through'}: ${evidence}`,
  )
  if (groups.size === 1 && attempts[0]?.evidence === reason) return []
  return [...groups].flatMap(([words, group]) => {
    const numbers = group.map(({ number }) => number).join(', ')
    return wrapped(printable(`attempt ${numbers} ${words}`), width, '    ')
  })
}
