import { breachesOf, bySeverity, countVerdicts, OPEN_VERDICTS, outcomeOf } from '../exam/outcome.ts'
import type { ExamResult, Finding, SubjectResult } from '../exam/result-types.ts'
import { printable } from '../policy/quote.ts'
import { attemptsInWords, byAsset, byReason, commandLine, controlsInWords, countsInWords } from './words.ts'
import { type TextStyle, wrapped } from './wrap.ts'

/**
 * What a person reads after an exam: for each subject the worst breach by name, a vector of its assets, then every breach with its
 * evidence and controls, and what nobody can say, grouped by the reason. Pure; ends without a newline.
 */
export function terminalReport(result: ExamResult, style: TextStyle): string {
  const blocks = result.subjects.map((subject) => subjectBlock(subject, style))
  if (result.subjects.length > 1) blocks.unshift(overview(result, style))
  return [...blocks, hints(result, style)].map((lines) => lines.join('\n')).join('\n\n')
}

/** The whole answer in one line: the worst breach by its name, or what was seen instead. */
export function headline(subject: SubjectResult): string {
  const [worst, ...others] = breachesOf(subject)
  if (worst !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`
    return `BREACH: ${printable(worst.title)} (${worst.severity}${more})`
  }
  if (outcomeOf(subject) === 'held') return `No breach${openInWords(subject)}`
  return subject.neverStarted === undefined
    ? 'Nobody can say: no probe could show anything'
    : `Nobody can say: it never started: ${printable(subject.neverStarted)}`
}

/** No breach of ten probes that nobody can judge is not the same as none at all. */
function openInWords({ findings }: SubjectResult): string {
  const open = findings.filter(({ verdict }) => OPEN_VERDICTS.includes(verdict)).length
  return open === 0 ? '' : ` (${open} of ${findings.length} probes could show nothing)`
}

const HEADLINE_STYLES = { breach: 'red', held: 'green', unknown: 'yellow' } as const

function paintHeadline(subject: SubjectResult, lines: readonly string[], { paint }: TextStyle): string[] {
  return lines.map((line) => paint(line, HEADLINE_STYLES[outcomeOf(subject)]))
}

const MOST_NAME = 24
const shortened = (name: string): string =>
  name.length > MOST_NAME ? `${name.slice(0, MOST_NAME - 1)}…` : name

/** The headline of each subject, one below the other. */
export function overview({ subjects }: ExamResult, style: TextStyle): string[] {
  const names = subjects.map(({ subject }) => shortened(printable(subject.name)))
  const room = Math.max(...names.map((name) => name.length))
  return subjects.flatMap((subject, at) =>
    paintHeadline(
      subject,
      wrapped(headline(subject), style.width, `${(names[at] ?? '').padEnd(room)}  `),
      style,
    ),
  )
}

function subjectBlock(subject: SubjectResult, style: TextStyle): string[] {
  const { width, paint } = style
  const { name, notes } = subject.subject
  const breaches = breachesOf(subject)
  return [
    ...paintHeadline(subject, wrapped(`${printable(name)}: ${headline(subject)}`, width), style),
    ...wrapped(commandLine(subject.subject), width, '  ').map((line) => paint(line, 'dim')),
    ...(subject.findings.length === 0 ? [] : vector(subject, style)),
    ...notes.flatMap((note) => wrapped(printable(note), width, '  Note: ')),
    ...(breaches.length === 0 ? [] : ['', paint('Breached', 'bold')]),
    ...breaches.flatMap((finding) => breachLines(finding, style)),
    ...openLines(subject, style),
  ]
}

/** `files 16 held · desktop BREACH(2) · network 9 held, 3 inconclusive`. */
export function vectorInWords({ findings }: Pick<SubjectResult, 'findings'>): string {
  return byAsset(findings)
    .map(([asset, group]) => `${asset} ${countsInWords(countVerdicts(group))}`)
    .join(' · ')
}

/** Broken between assets only. */
function vector(subject: SubjectResult, { width, paint }: TextStyle): string[] {
  const whole = vectorInWords(subject)
    .split(' · ')
    .map((item) => item.replaceAll(' ', '\u00a0'))
    .join(' · ')
  return wrapped(whole, width, '  ').map((line) =>
    line.replaceAll('\u00a0', ' ').replaceAll(/BREACH\(\d+\)/g, (breach) => paint(breach, 'red')),
  )
}

function breachLines(finding: Finding, { width, paint }: TextStyle): string[] {
  const { probe, number, title, severity, attacker, reason } = finding
  const dim = (lines: readonly string[]) => lines.map((line) => paint(line, 'dim'))
  return [
    ...wrapped(`${printable(title)} (${severity}, ${attacker})`, width, '  ✗ ').map((line) =>
      paint(line, 'red'),
    ),
    ...wrapped(`${printable(reason)}; ${attemptsInWords(finding)}`, width, '    '),
    ...dim(wrapped(controlsInBrief(finding), width, '    ')),
    ...dim(wrapped(`${printable(probe)}, number ${number}`, width, '    ')),
  ]
}

/** One line where all are as they must be; `exam explain` shows what each saw. */
function controlsInBrief({ controls }: Finding): string {
  const rows = controlsInWords(controls)
  if (rows.length === 0) return 'Its controls were not run'
  const wrong = rows.filter(([, , right]) => !right)
  if (wrong.length > 0) return `Controls: ${wrong.map(([name, words]) => `${name}: ${words}`).join('; ')}`
  return 'Controls: reached without a sandbox, and with the hole opened; not without a canary'
}

/** What went wrong or could not be shown. Many probes have one reason: a tool that is missing, a sandbox that did not start. */
function openLines({ findings }: SubjectResult, { width, paint }: TextStyle): string[] {
  const words = { error: 'The exam failed at', inconclusive: 'Nobody can say' }
  return (['error', 'inconclusive'] as const).flatMap((verdict) => {
    const groups = byReason(findings.filter((finding) => finding.verdict === verdict))
    if (groups.length === 0) return []
    const lines = groups.flatMap(([reason, group]) => [
      ...wrapped(printable(reason), width, '  ? '),
      ...wrapped(group.map(({ probe }) => printable(probe)).join(', '), width, '    ').map((line) =>
        paint(line, 'dim'),
      ),
    ])
    return ['', paint(words[verdict], 'yellow'), ...lines]
  })
}

function hints(result: ExamResult, { width, paint }: TextStyle): string[] {
  const all = result.subjects.flatMap(({ findings }) => findings)
  const worst = result.subjects.flatMap(breachesOf).sort(bySeverity)[0]
  const open = all.find(({ verdict }) => OPEN_VERDICTS.includes(verdict))
  const shown = worst ?? open
  const { kernel, machine, distribution, uid } = result.host
  const about = `Glovebox ${result.glovebox} on ${distribution}, Linux ${kernel} ${machine}, ${uid === 0 ? 'as root' : `as user id ${uid}`}: exam ${result.id}.`
  return [
    ...wrapped(printable(about), width).map((line) => paint(line, 'dim')),
    ...(shown === undefined
      ? []
      : wrapped(
          `How it was asked, and how to close it: glovebox exam explain ${printable(shown.probe)}`,
          width,
        )),
  ]
}
