import { createHash } from 'node:crypto'
import type { Comparison } from '../../price/comparison-types.ts'
import { html, Markup, NOTHING } from '../html.ts'
import { assetSections, assetTable, legend, machineInWords, moment, subjectCard } from '../page.ts'
import { PAGE_STYLE } from '../page-style.ts'
import type { ProbeWords } from '../words.ts'
import { benefitOf, unexamined } from './benefit.ts'
import { neighboursSection } from './neighbours-section.ts'
import { plot, SIZES } from './plot.ts'
import { priceTable, warningsOf } from './price-table.ts'
import { probeTable } from './probe-table.ts'
import { PAGE_SCRIPT } from './script.ts'
import { COMPARISON_STYLE } from './style.ts'
import { headlineCards, summaryTable } from './summary-table.ts'
import { differencesOf, isEmulated, type Technology, technologiesOf } from './technologies.ts'
import { EMULATION, EQUAL, NOISY, QUICK, UNCLEAR } from './words.ts'

const STYLE = new Markup(PAGE_STYLE.text + COMPARISON_STYLE.text)
const hashOf = ({ text }: Markup): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing is asked for from anywhere, and only this very style and script have an effect. */
const SECURITY = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(PAGE_SCRIPT)}; base-uri 'none'; form-action 'none'`

/**
 * Benefit and price side by side, on one page that needs nothing but itself, and can be read without its script. All that comes
 * from a box is escaped by {@link html}. Pure.
 */
export function comparisonPage(comparison: Comparison, probes: readonly ProbeWords[]): string {
  const { exam, price } = comparison
  const technologies = technologiesOf(comparison)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(SECURITY)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Isolation: benefit and price of ${technologies.map(({ name }) => name).join(', ')}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Isolation: benefit and price</h1>
${about(comparison)}
</header>
<main>
${headlineCards(technologies)}
<h2 id="plot">Benefit against price</h2>
${plotSection(technologies)}
${summaryTable(technologies, comparison)}
<h2 id="gives">What it gives</h2>
${assetTable(exam)}
${legend()}
<h2 id="costs">What it costs</h2>
${priceWords(comparison, technologies)}
${priceTable(price)}
${neighboursSection(price.neighbours)}
<h2 id="started">How each was started</h2>
<details><summary>Command lines, tools, images and policies</summary><div class="about">${exam.subjects.map(subjectCard)}</div></details>
<h2 id="probes">Every probe</h2>
${probeTable(exam)}
${assetSections(exam, new Map(probes.map((probe) => [probe.id, probe])))}
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`.text
}

function about(comparison: Comparison): Markup {
  const { exam, price } = comparison
  const differences = differencesOf(comparison)
  const asked = exam.only === 'all' ? 'the whole catalogue' : `only ${exam.only.join(', ')}`
  return html`<p class="quiet">${machineInWords(price.host)}. Glovebox ${price.glovebox}; exam ${exam.id} of ${asked}, ${moment(exam.startedAt)}; price ${price.id}, ${moment(price.startedAt)}.</p>
${differences.length === 0 ? NOTHING : html`<ul class="differs">${differences.map((words) => html`<li>${words}</li>`)}</ul>`}`
}

function plotSection(technologies: readonly Technology[]): Markup {
  const missing = technologies.filter((one) => benefitOf(one) === undefined)
  return html`<p>Up is more assets of which something held and nothing was breached; to the left is cheaper. ${
    technologies.some(isEmulated) ? html`A hollow point is <b>emulated</b>: ${EMULATION}.` : NOTHING
  }</p>
${SIZES.map((size) => plot(technologies, size))}
${missing.map((one) => html`<p class="quiet">Not drawn: ${one.name}, as ${unexamined(one)}.</p>`)}`
}

function priceWords({ price }: Comparison, technologies: readonly Technology[]): Markup {
  const foreign = technologies.filter((one) => one.price === undefined).map(({ name }) => name)
  return html`<p>Each ratio is of medians, of the box to the bare host, whose runs took turns; over 1 is dearer, also where more is better. The bar goes from 1, the bare host, to the ratio, on a logarithmic scale, with the 95 % interval over it. <b>Equal</b> stands ${EQUAL}, <b>unclear</b> ${UNCLEAR}. <b>Wide interval</b>: ${NOISY}.${
    technologies.some(isEmulated) ? html` <b>Emulated</b>: ${EMULATION}.` : NOTHING
  }${price.quick ? ` ${QUICK}.` : ''}</p>
${foreign.length === 0 ? NOTHING : html`<p class="quiet">Not measured: ${foreign.join(', ')}. Only engines of Glovebox are.</p>`}
${warningsOf(price)}`
}
