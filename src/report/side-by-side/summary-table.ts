import { breachesOf, OPEN_VERDICTS } from '../../exam/outcome.ts'
import type { Comparison } from '../../price/comparison-types.ts'
import { html, type Markup, NOTHING } from '../html.ts'
import { headline } from '../terminal.ts'
import { type AssetState, type Benefit, benefitOf, unexamined } from './benefit.ts'
import { times } from './numbers.ts'
import { isEmulated, sharedMetrics, type Technology, unpriced } from './technologies.ts'

/** The plot in words: each technology with the assets that it holds, and its price. */
export function summaryTable(technologies: readonly Technology[], { price }: Comparison): Markup {
  const metrics = sharedMetrics(price)
  return html`<div class="wide"><table class="sortable summary">
<thead><tr><th scope="col">Technology</th><th scope="col">Assets</th><th scope="col">Breaches</th><th scope="col">Could not be shown</th><th scope="col">Price</th></tr></thead>
<tbody>
${technologies.map((one) => row(one, metrics))}
</tbody>
</table></div>`
}

function row(technology: Technology, metrics: number): Markup {
  const { name, exam } = technology
  const open = (exam?.findings ?? []).filter(({ verdict }) => OPEN_VERDICTS.includes(verdict)).length
  const breaches = exam === undefined ? undefined : breachesOf(exam).length
  return html`<tr><th scope="row">${name}</th>${benefitCell(technology)}${countCell(breaches)}${countCell(exam === undefined ? undefined : open)}${costCell(technology, metrics)}</tr>`
}

const countCell = (count: number | undefined): Markup =>
  count === undefined
    ? html`<td class="quiet">not examined</td>`
    : html`<td data-value="${count}">${count}</td>`

const STATES: readonly (readonly [state: AssetState, words: string])[] = [
  ['held', 'hold'],
  ['breach', 'breached'],
  ['granted', 'granted only'],
  ['unknown', 'nothing shown'],
]

function benefitCell(technology: Technology): Markup {
  const benefit = benefitOf(technology)
  if (benefit === undefined) return html`<td class="quiet">unknown: ${unexamined(technology)}</td>`
  return html`<td data-value="${benefit.assets.held.length}"><b>${benefit.assets.held.length} of ${benefit.asked} hold</b>${STATES.map((state) => assetsInState(state, benefit))}</td>`
}

function assetsInState([state, words]: (typeof STATES)[number], { assets }: Benefit): Markup {
  const names = assets[state]
  return names.length === 0
    ? NOTHING
    : html`<br><span class="state ${state}">${words}: ${names.join(', ')}</span>`
}

export const EMULATED = html` <span class="tag">emulated</span>`

function costCell(technology: Technology, metrics: number): Markup {
  const { cost } = technology
  if (cost === undefined) {
    const why = technology.price === undefined ? unpriced(technology) : 'no metric of it has a ratio'
    return html`<td class="quiet">not measured: ${why}</td>`
  }
  return html`<td data-value="${cost}"><b>${times(cost)}</b>${isEmulated(technology) ? EMULATED : NOTHING}<br><span class="quiet">of ${metrics} ratios that all have</span></td>`
}

/** The headline of each technology, in a few words. */
export function headlineCards(technologies: readonly Technology[]): Markup {
  return html`<div class="cards">${technologies.map(card)}</div>`
}

function card(technology: Technology): Markup {
  const { name, exam } = technology
  const benefit = benefitOf(technology)
  const state =
    exam === undefined || benefit === undefined
      ? 'unknown'
      : benefit.assets.breach.length > 0
        ? 'breach'
        : 'held'
  const { cost } = technology
  return html`<section class="subject ${state}">
<h3>${name}</h3>
<p class="headline">${exam === undefined ? 'Not examined' : headline(exam)}</p>
<p>${benefit === undefined ? NOTHING : html`${benefit.assets.held.length} of ${benefit.asked} assets hold; `}${cost === undefined ? 'price not measured' : html`costs ${times(cost)} the bare host${isEmulated(technology) ? EMULATED : NOTHING}`}</p>
</section>`
}
