import { NEIGHBOURS_2007 } from '../../price/history.ts'
import type { NeighbourFigure, NeighbourSide, NeighboursResult, Stress } from '../../price/result-types.ts'
import { STRESSES } from '../../price/result-types.ts'
import { html, type Markup, NOTHING } from '../html.ts'
import { lossInWords } from '../neighbours.ts'
import { historicLoss, THEN } from './neighbours-words.ts'
import { EMULATED } from './summary-table.ts'

/** What a bad neighbour did to a well-behaved server, by stress and technology, with the figures of 2007 beside. */
export function neighboursSection(neighbours: NeighboursResult | undefined): Markup {
  if (neighbours === undefined || neighbours.sides.length === 0) return NOTHING
  const { sides, bounds } = neighbours
  const then = NEIGHBOURS_2007.technologies
  const stresses = STRESSES.filter((stress) =>
    sides.some((side) => side.stresses.some((one) => one.stress === stress)),
  )
  return html`<section>
<h2 id="neighbours">What a bad neighbour does</h2>
<p>The good answers that a well-behaved server loses while another box misbehaves, in percent with the 95 % interval; below it, those of a server in the box that misbehaves. <b>?</b>: too wide to say. <b>DNR</b>: it did not report.</p>
<div class="wide"><table class="sortable">
<thead><tr><th scope="col">Bomb</th>${sides.map(({ name, emulated }) => html`<th scope="col">${name === 'bare' ? 'bare host' : name}${emulated ? EMULATED : NOTHING}</th>`)}${then.map(({ name }) => html`<th scope="col">${name} <span class="tag">${THEN}</span></th>`)}</tr></thead>
<tbody>
${stresses.map((stress) => html`<tr><th scope="row">${stress}</th>${sides.map((side) => cell(side, stress))}${then.map(({ losses }) => historicCell(losses[stress]))}</tr>`)}
</tbody>
</table></div>
<p class="quiet">${THEN}: ${then.map(({ kind }) => kind).join('; ')}. ${NEIGHBOURS_2007.source}. Its machines, loads and bounds were others: compare which walls held, not the digits.</p>
${bounds.map((bound) => html`<p class="quiet">${bound}</p>`)}
</section>`
}

function cell({ stresses, emulated }: NeighbourSide, stress: NeighbourFigure['stress']): Markup {
  const figure = stresses.find((one) => one.stress === stress)
  if (figure?.state !== 'measured')
    return html`<td class="quiet">not measured: ${figure?.reason ?? 'it was not asked for'}</td>`
  const { well, bad, work } = figure
  const mark = emulated ? EMULATED : NOTHING
  const other = html`beside the bomb: ${bad === undefined ? historicLoss(undefined) : lossInWords(bad)}${bad === undefined ? NOTHING : mark}`
  return html`<td data-value="${well.percent}"><b>${lossInWords(well)}</b>${mark}<br><span class="quiet">${other}<br>bomb: ${work}</span></td>`
}

function historicCell({
  well,
  bad,
}: (typeof NEIGHBOURS_2007.technologies)[number]['losses'][Stress]): Markup {
  const value = well === undefined ? NOTHING : html` data-value="${well}"`
  return html`<td${value}>${historicLoss(well)}<br><span class="quiet">beside the bomb: ${historicLoss(bad)}</span></td>`
}
