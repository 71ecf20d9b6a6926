import type { Finding, SubjectResult } from '../exam/result-types.ts'
import { VERDICTS, type Verdict } from '../exam/types.ts'
import { html, type Markup, NOTHING } from './html.ts'
import { attemptsInWords, controlsInWords, type ProbeWords } from './words.ts'

const SIGNS: Readonly<Record<Verdict, string>> = {
  ...{ breach: '✗', error: '!', inconclusive: '?', granted: '○', moot: '–', held: '✓' },
  'not applicable': '–',
}

/** A verdict as a word with a sign: nobody needs to see its colour. */
export function mark(verdict: Verdict, words: string = verdict): Markup {
  return html`<span class="mark ${verdict.replace(' ', '-')}">${SIGNS[verdict]} ${words}</span>`
}

interface Seen {
  readonly subject: string
  readonly finding: Finding
}

/** One probe, and what it came to for each subject; open where it wants to be read. */
export function probeSection(
  probe: string,
  subjects: readonly SubjectResult[],
  words: ProbeWords | undefined,
): Markup {
  const seen = subjects.flatMap(({ subject, findings }) => {
    const finding = findings.find((one) => one.probe === probe)
    return finding === undefined ? [] : [{ subject: subject.name, finding }]
  })
  const [first] = seen
  if (first === undefined) return NOTHING
  const { number, title } = first.finding
  const open = seen.some(({ finding }) => finding.verdict === 'breach')
  return html`<details id="probe-${number}"${open ? html` open` : NOTHING}>
<summary><span class="title">${number}. ${title}</span>${summaryMarks(seen)}</summary>
<div class="about">
${description(first, words)}
${findings(seen)}
</div>
</details>`
}

/** Each verdict once, with the subjects that it goes for where they differ. */
function summaryMarks(seen: readonly Seen[]): Markup[] {
  const groups = Map.groupBy(seen, ({ finding }) => finding.verdict)
  return VERDICTS.flatMap((verdict) => {
    const group = groups.get(verdict)
    if (group === undefined) return []
    const names = group.map(({ subject }) => subject).join(', ')
    return [groups.size === 1 ? mark(verdict) : mark(verdict, `${verdict}: ${names}`)]
  })
}

function description(
  { finding: { probe, severity, attacker } }: Seen,
  words: ProbeWords | undefined,
): Markup {
  const row = (name: string, text: string) => html`<dt>${name}</dt><dd>${text}</dd>`
  return html`<dl>
${words === undefined ? NOTHING : row('What it does', words.tries)}
${row('A breach is', `${severity}, by ${attacker}`)}
${words === undefined ? NOTHING : [row('How to close it', words.closing), row('What that costs', words.price), row('It stands for', words.standsFor.join(', '))]}
<dt>Probe</dt><dd><code>${probe}</code></dd>
</dl>`
}

/** Subjects mostly share their controls; where they do, they stand once above the table. */
function findings(seen: readonly Seen[]): Markup {
  const kinds = new Set(seen.map(({ finding }) => JSON.stringify(finding.controls)))
  const shared = kinds.size === 1 ? seen[0]?.finding.controls : undefined
  return html`${shared === undefined ? NOTHING : html`<dl><dt>Its controls</dt><dd>${controls(shared)}</dd></dl>`}
<div class="wide"><table>
<thead><tr><th scope="col">Sandbox</th><th scope="col">Verdict</th><th scope="col">Evidence</th>${
    shared === undefined ? html`<th scope="col">Controls</th>` : NOTHING
  }</tr></thead>
<tbody>
${seen.map((one) => findingRow(one, shared === undefined))}
</tbody>
</table></div>`
}

function findingRow({ subject, finding }: Seen, withControls: boolean): Markup {
  const { verdict, reason } = finding
  return html`<tr><th scope="row">${subject}</th><td>${mark(verdict)}</td><td>${reason}<br><span class="quiet">${attempts(finding)}</span></td>${
    withControls ? html`<td class="controls">${controls(finding.controls)}</td>` : NOTHING
  }</tr>`
}

/** With the evidence of those that saw something else. */
function attempts(finding: Finding): string {
  const others = new Set(finding.attempts.map(({ evidence }) => evidence))
  const more = [...others].filter((text) => text !== '' && !finding.reason.endsWith(text))
  return [attemptsInWords(finding), ...(more.length === 0 ? [] : [more.join(' · ')])].join(': ')
}

function controls(found: Finding['controls']): Markup {
  if (found === undefined) return html`<span class="quiet">not run</span>`
  const rows = controlsInWords(found)
  return html`${rows.map(([name, words, right]) => html`<div>${right ? '✓' : '✗'} ${name}: ${words}</div>`)}`
}
