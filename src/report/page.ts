import { breachesOf, countVerdicts, outcomeOf } from '../exam/outcome.ts'
import type { ExamResult, HostRecord, SubjectResult } from '../exam/result-types.ts'
import { ASSETS, VERDICTS } from '../exam/types.ts'
import { html, type Markup, NOTHING } from './html.ts'
import { mark, probeSection } from './page-probe.ts'
import { PAGE_STYLE } from './page-style.ts'
import { headline } from './terminal.ts'
import { byAsset, commandLine, type ProbeWords, VERDICT_MEANS } from './words.ts'

/**
 * One page that needs nothing but itself: no script, and its content security policy forbids every request. All that comes from a
 * box is escaped by {@link html}. Pure.
 */
export function htmlReport(result: ExamResult, probes: readonly ProbeWords[]): string {
  const words = new Map(probes.map((probe) => [probe.id, probe]))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Isolation exam: ${result.subjects.map(({ subject }) => subject.name).join(', ')}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>Isolation exam</h1>
${about(result)}
</header>
<main>
${result.subjects.map(subjectCard)}
${
  result.subjects.length === 0
    ? NOTHING
    : html`<h2>What was asked</h2>
${assetTable(result)}`
}
${legend()}
${assetSections(result, words)}
</main>
</body>
</html>
`.text
}

function about({ host, glovebox, id, startedAt, only }: ExamResult): Markup {
  const asked = only === 'all' ? 'The whole catalogue was asked.' : `Only this was asked: ${only.join(', ')}.`
  return html`<p class="quiet">${machineInWords(host)}. Glovebox ${glovebox}, exam ${id}, ${moment(startedAt)}. ${asked}</p>`
}

/** The machine that a result speaks of, and who asked. */
export const machineInWords = ({ distribution, kernel, machine, cpu, uid }: HostRecord): string =>
  `${distribution}, Linux ${kernel} ${machine}, ${cpu}, ${uid === 0 ? 'as root' : `as user id ${uid}`}`

export const moment = (at: string): Markup =>
  html`<time datetime="${at}">${at.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time>`

/** A subject with its headline, its breaches and how it is started. */
export function subjectCard(subject: SubjectResult): Markup {
  const { name, tools, image, policy, notes } = subject.subject
  return html`<section class="subject ${outcomeOf(subject)}">
<h3>${name}</h3>
<p class="headline">${headline(subject)}</p>
${breachList(subject)}
<p><code>${commandLine(subject.subject)}</code></p>
<p class="quiet">${tools.join(', ')}${image === undefined ? NOTHING : html` · image ${image.ref} <code>${image.digest}</code>`}</p>
${notes.map((note) => html`<p class="quiet">${note}</p>`)}
${policy === undefined ? NOTHING : html`<details><summary>Its policy</summary><div class="about">${policy.says.map((line) => html`<p>${line}</p>`)}<p class="quiet"><code>${policy.digest}</code></p></div></details>`}
</section>`
}

function breachList(subject: SubjectResult): Markup {
  const breaches = breachesOf(subject)
  if (breaches.length === 0) return NOTHING
  return html`<ul>${breaches.map(
    ({ title, severity, number, reason }) =>
      html`<li><a href="#probe-${number}">${title}</a> <span class="quiet">(${severity})</span>: ${reason}</li>`,
  )}</ul>`
}

/** Verdicts by asset and subject; it may be sorted by its breaches where a page can. */
export function assetTable({ subjects }: ExamResult): Markup {
  const assets = ASSETS.filter((asset) =>
    subjects.some(({ findings }) => findings.some((finding) => finding.asset === asset)),
  )
  return html`<div class="wide"><table class="sortable">
<thead><tr><th scope="col">Asset</th>${subjects.map(({ subject }) => html`<th scope="col">${subject.name}</th>`)}</tr></thead>
<tbody>
${assets.map(
  (asset) =>
    html`<tr><th scope="row"><a href="#${asset}">${asset}</a></th>${subjects.map(({ findings }) => countsCell(findings.filter((finding) => finding.asset === asset)))}</tr>`,
)}
</tbody>
</table></div>`
}

function countsCell(findings: SubjectResult['findings']): Markup {
  if (findings.length === 0) return html`<td class="quiet">not asked</td>`
  const counts = countVerdicts(findings)
  const marks = VERDICTS.flatMap((verdict) => {
    const count = counts[verdict]
    return count === undefined ? [] : [mark(verdict, `${count} ${verdict}`)]
  })
  return html`<td data-value="${counts.breach ?? 0}">${marks}</td>`
}

export function legend(): Markup {
  return html`<details class="legend"><summary>What the words mean</summary><div class="about"><dl>
${VERDICTS.map((verdict) => html`<dt>${mark(verdict)}</dt><dd>${VERDICT_MEANS[verdict]}</dd>`)}
</dl><p>A nonce that comes out or a witness outside decides, never an error code. Only what held counts as held.</p></div></details>`
}

/** Every probe with its evidence, by asset. */
export function assetSections({ subjects }: ExamResult, words: ReadonlyMap<string, ProbeWords>): Markup[] {
  const all = byAsset(subjects.flatMap(({ findings }) => findings))
  return all.map(([asset, group]) => {
    const probes = [...new Set(group.map(({ probe }) => probe))]
    return html`<section>
<h2 id="${asset}">${asset}</h2>
${probes.map((probe) => probeSection(probe, subjects, words.get(probe)))}
</section>`
  })
}
