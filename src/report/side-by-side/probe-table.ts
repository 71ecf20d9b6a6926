import type { ExamResult, Finding } from '../../exam/result-types.ts'
import { SEVERITIES, VERDICTS } from '../../exam/types.ts'
import { html, type Markup } from '../html.ts'
import { mark } from '../page-probe.ts'
import { byAsset } from '../words.ts'

/** Every probe on a line, with what it came to for each; a link leads to its evidence. */
export function probeTable({ subjects }: ExamResult): Markup {
  const all = byAsset(subjects.flatMap(({ findings }) => findings)).flatMap(([, group]) => group)
  const probes = [...new Map(all.map((finding) => [finding.probe, finding])).values()]
  const found = subjects.map(({ findings }) => new Map(findings.map((finding) => [finding.probe, finding])))
  return html`<div class="wide"><table class="sortable probes">
<thead><tr><th scope="col">Number</th><th scope="col">Probe</th><th scope="col">Asset</th><th scope="col">A breach is</th>${subjects.map(({ subject }) => html`<th scope="col">${subject.name}</th>`)}</tr></thead>
<tbody>
${probes.map(
  ({ probe, number, title, asset, severity }) =>
    html`<tr><td>${number}</td><th scope="row"><a href="#probe-${number}">${title}</a></th><td>${asset}</td><td data-value="${SEVERITIES.indexOf(severity)}">${severity}</td>${found.map((one) => verdictCell(one.get(probe)))}</tr>`,
)}
</tbody>
</table></div>`
}

const verdictCell = (finding: Finding | undefined): Markup =>
  finding === undefined
    ? html`<td class="quiet">not asked</td>`
    : html`<td data-value="${VERDICTS.indexOf(finding.verdict)}">${mark(finding.verdict)}</td>`
