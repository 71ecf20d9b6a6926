import type {
  Degradation,
  NeighbourFigure,
  NeighbourSide,
  NeighboursResult,
} from '../../price/result-types.ts'
import { STRESSES } from '../../price/result-types.ts'
import { html, type Markup, NOTHING } from '../html.ts'
import { percent } from './numbers.ts'
import { EMULATED } from './summary-table.ts'

/** What a bad neighbour did to a well-behaved server, by stress and technology. */
export function neighboursSection(neighbours: NeighboursResult | undefined): Markup {
  if (neighbours === undefined || neighbours.sides.length === 0) return NOTHING
  const { sides, bounds } = neighbours
  const stresses = STRESSES.filter((stress) =>
    sides.some((side) => side.stresses.some((one) => one.stress === stress)),
  )
  return html`<section>
<h2 id="neighbours">What a bad neighbour does</h2>
<p>How many answers a second a well-behaved server loses while another box misbehaves, after Matthews et al., ExpCS 2007; below it, a server in the box that misbehaves.</p>
<div class="wide"><table class="sortable">
<thead><tr><th scope="col">Bomb</th>${sides.map(({ name, emulated }) => html`<th scope="col">${name === 'bare' ? 'bare host' : name}${emulated ? EMULATED : NOTHING}</th>`)}</tr></thead>
<tbody>
${stresses.map((stress) => html`<tr><th scope="row">${stress}</th>${sides.map((side) => cell(side, stress))}</tr>`)}
</tbody>
</table></div>
${bounds.map((bound) => html`<p class="quiet">${bound}</p>`)}
</section>`
}

function cell({ stresses, emulated }: NeighbourSide, stress: NeighbourFigure['stress']): Markup {
  const figure = stresses.find((one) => one.stress === stress)
  if (figure?.state !== 'measured')
    return html`<td class="quiet">not measured: ${figure?.reason ?? 'it was not asked for'}</td>`
  const { well, bad, work } = figure
  const mark = emulated ? EMULATED : NOTHING
  const other =
    bad === undefined
      ? 'the server beside the bomb did not report'
      : html`beside the bomb: ${loss(bad)}${mark}`
  return html`<td data-value="${well.percent}"><b>${loss(well)}</b>${mark}<br><span class="quiet">${other}<br>bomb: ${work}</span></td>`
}

function loss({ percent: lost, low, high, equal }: Degradation): string {
  return equal ? 'equal' : `${percent(lost)} (${percent(low)} to ${percent(high)})`
}
