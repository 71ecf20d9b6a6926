import { figureOf } from '../../price/figures.ts'
import type { MeasuredFigure, Metric, PriceResult, Ratio, SideResult } from '../../price/result-types.ts'
import { html, type Markup, NOTHING } from '../html.ts'
import { amount, times } from './numbers.ts'
import { pixels, ratioScale, type Scale } from './scale.ts'
import { EMULATED } from './summary-table.ts'

const BAR = { width: 132, height: 12 }

/** Every metric by engine: the ratio to the bare host with its interval, drawn and in numbers, and both medians. */
export function priceTable(price: PriceResult): Markup {
  const { sides, metrics } = price
  if (sides.length === 0) return html`<p>Nothing was measured.</p>`
  const scale = ratioScale(
    sides.flatMap(({ figures }) => figures.flatMap(boundsOf)),
    [1, BAR.width - 1],
  )
  return html`<div class="wide"><table class="sortable price">
<thead><tr><th scope="col">Metric</th><th scope="col">Group</th>${sides.map(({ subject }) => html`<th scope="col">${subject.name}</th>`)}</tr></thead>
<tbody>
${metrics.map(
  (metric) =>
    html`<tr><th scope="row">${metric.title}<br><span class="quiet">${metric.unit}, ${metric.better} is better</span></th><td>${metric.group}</td>${sides.map((side) => cell(side, metric, scale))}</tr>`,
)}
</tbody>
</table></div>
<details><summary>What each metric is</summary><div class="about"><dl>${metrics.map(({ title, says }) => html`<dt>${title}</dt><dd>${says}</dd>`)}</dl></div></details>`
}

const boundsOf = (figure: SideResult['figures'][number]): number[] =>
  figure.state === 'measured' && figure.ratio !== undefined ? [figure.ratio.low, figure.ratio.high] : []

function cell(side: SideResult, metric: Metric, scale: Scale): Markup {
  const figure = figureOf(side, metric.id)
  if (figure?.state !== 'measured')
    return html`<td class="quiet">not measured: ${figure?.reason ?? 'it was not asked for'}</td>`
  const tags = [
    ...(side.emulated ? [EMULATED] : []),
    ...(figure.noisy ? [html` <span class="tag">wide interval</span>`] : []),
  ]
  const { box, ratio } = figure
  if (ratio === undefined)
    return html`<td>${amount(box.median)} ${metric.unit}${tags}<br><span class="quiet">${amount(box.low)}–${amount(box.high)}; the bare host has none</span></td>`
  return html`<td data-value="${ratio.value}">${bar(ratio, scale)}<b>${ratio.says === 'equal' || ratio.says === 'unclear' ? ratio.says : times(ratio.value)}</b>${tags}<br><span class="quiet">${times(ratio.low)}–${times(ratio.high)}<br>${medians(figure, metric)}</span></td>`
}

const medians = ({ box, bare }: MeasuredFigure, { unit }: Metric): string =>
  `${amount(box.median)} ${unit}${bare === undefined ? '' : `, bare ${amount(bare.median)}`}`

/** From the bare host to the ratio, with its interval over it; all of a table on one scale, which is logarithmic. */
function bar({ value, low, high, says }: Ratio, { at }: Scale): Markup {
  const [from, to] = [Math.min(at(1), at(value)), Math.max(at(1), at(value))]
  const [left, right] = [at(low), Math.max(at(high), at(low) + 1.5)]
  return html`<svg class="bar ${says}" viewBox="0 0 ${BAR.width} ${BAR.height}" width="${BAR.width}" height="${BAR.height}" aria-hidden="true"><rect class="length" x="${pixels(from)}" y="3" width="${pixels(to - from)}" height="6"/><rect class="interval" x="${pixels(left)}" y="5" width="${pixels(right - left)}" height="2"/><rect class="one" x="${pixels(at(1))}" y="0" width="1" height="12"/></svg>`
}

/** What made figures less sure than they look. */
export function warningsOf({ sides }: PriceResult): Markup {
  const all = sides.flatMap(({ subject, warnings }) =>
    warnings.map((warning) => `${subject.name}: ${warning}`),
  )
  return all.length === 0
    ? NOTHING
    : html`<ul class="quiet">${all.map((warning) => html`<li>${warning}</li>`)}</ul>`
}
