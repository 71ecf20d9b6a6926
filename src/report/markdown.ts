import { breachesOf, countVerdicts } from '../exam/outcome.ts'
import type { ExamResult, SubjectResult } from '../exam/result-types.ts'
import { ASSETS, type Asset } from '../exam/types.ts'
import { code, list, plain, table } from './markdown-text.ts'
import { headline } from './terminal.ts'
import { byReason, commandLine, countsInWords } from './words.ts'

/**
 * A result as a document: what each sandbox was started with, a table of assets, and every breach by its name. Pure; the texts of
 * sandboxes are hostile and lose all that Markdown could take for more than words.
 */
export function markdownReport(result: ExamResult): string {
  const { host, subjects, endedAt, glovebox } = result
  const assets = ASSETS.filter((asset) => subjects.some((subject) => ofAsset(subject, asset).length > 0))
  return [
    `Glovebox ${glovebox}, ${endedAt.slice(0, 10)}: ${plain(host.distribution)}, Linux ${plain(host.kernel)} ${plain(host.machine)}, ${plain(host.cpu)}, as ${host.uid === 0 ? 'root' : 'an ordinary user'}.`,
    '',
    '## At a glance',
    '',
    ...table(
      ['', ...assets],
      subjects.map((subject) => [
        plain(subject.subject.name),
        ...assets.map((asset) => cell(subject, asset)),
      ]),
    ),
    '',
    'A number without a word is of probes that held. **B** is a breach, `?` nobody can say (a control did not work here, or the sandbox did not start),',
    '`m` moot: this machine itself prevents it, so the sandbox has earned nothing; `-` does not apply; `g` granted by the policy; `e` the attempt failed.',
    '',
    '## Each of them',
    ...subjects.flatMap(section),
    '',
  ].join('\n')
}

const ofAsset = ({ findings }: SubjectResult, asset: Asset) =>
  findings.filter((finding) => finding.asset === asset)

const SIGNS = [
  ['breach', '**B**'],
  ['held', ''],
  ['granted', 'g'],
  ['inconclusive', '?'],
  ['error', 'e'],
  ['moot', 'm'],
  ['not applicable', '-'],
] as const

function cell(subject: SubjectResult, asset: Asset): string {
  const counts = countVerdicts(ofAsset(subject, asset))
  return SIGNS.flatMap(([verdict, sign]) =>
    counts[verdict] === undefined ? [] : [`${counts[verdict]}${sign === '' ? '' : ` ${sign}`}`],
  ).join(', ')
}

function section(subject: SubjectResult): string[] {
  const { subject: record, findings } = subject
  const open = byReason(findings.filter(({ verdict }) => verdict === 'inconclusive' || verdict === 'error'))
  return [
    '',
    `### ${plain(record.name)}`,
    '',
    `${plain(headline(subject))}. ${plain(countsInWords(countVerdicts(findings)))}.`,
    ...code([commandLine(record), ...record.tools]),
    ...list(record.notes.map((note) => `Note: ${plain(note)}`)),
    ...(subject.neverStarted === undefined
      ? []
      : ['', `It did not start here: ${plain(subject.neverStarted)}`]),
    ...list(
      breachesOf(subject).map(
        ({ title, probe, severity, reason }) =>
          `**${plain(title)}** (${severity}; ${probe}): ${plain(reason)}`,
      ),
    ),
    ...(subject.neverStarted === undefined
      ? list(
          open.map(
            ([reason, of]) => `Nobody can say: ${of.map(({ probe }) => probe).join(', ')}: ${plain(reason)}`,
          ),
        )
      : []),
  ]
}
