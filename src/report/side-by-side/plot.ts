import { html, type Markup, NOTHING } from '../html.ts'
import { askedAssets, type Benefit, benefitOf } from './benefit.ts'
import { type Box, placeLabels } from './labels.ts'
import { times } from './numbers.ts'
import { pixels, ratioScale } from './scale.ts'
import { costInWhole, isEmulated, type Technology } from './technologies.ts'

/* Benefit against price. Whatever is drawn stands in a table beside it, too. */

interface Drawn {
  readonly technology: Technology
  readonly benefit: Benefit
  /** Absent where only the benefit is known: then it stands in a lane of its own, at no price. */
  readonly cost: number | undefined
}

export interface PlotSize {
  readonly width: number
  readonly height: number
  /** Room on the right for what has no price. */
  readonly lane: number
  /** As a class: which of the two sizes of a page it is. */
  readonly name: 'large' | 'small'
}

export const SIZES: readonly PlotSize[] = [
  { name: 'large', width: 860, height: 430, lane: 190 },
  { name: 'small', width: 340, height: 420, lane: 104 },
]

/** One picture of a size; absent where nothing has a benefit to be drawn. */
export function plot(technologies: readonly Technology[], size: PlotSize): Markup {
  const drawn = technologies.flatMap((technology): Drawn[] => {
    const benefit = benefitOf(technology)
    return benefit === undefined ? [] : [{ technology, benefit, cost: costInWhole(technology)?.value }]
  })
  if (drawn.length === 0) return NOTHING
  const [priced, others] = [
    drawn.filter(({ cost }) => cost !== undefined),
    drawn.filter(({ cost }) => cost === undefined),
  ]
  const lane = others.length === 0 ? 0 : size.lane
  const area: Box = { left: 46, top: 18, right: size.width - lane - 8, bottom: size.height - 52 }
  const most = askedAssets(technologies).length
  const y = (assets: number): number => area.bottom - ((area.bottom - area.top) * assets) / Math.max(most, 1)
  const x = ratioScale(
    priced.flatMap(({ cost }) => cost ?? []),
    [area.left + 10, area.right - 10],
  )
  const places = priced.map(({ technology, benefit, cost = 1 }) => ({
    ...{ x: x.at(cost), y: y(benefit.assets.held.length), label: shortLabel(technology) },
  }))
  const bounds = { left: area.left + 2, right: area.right + 4, top: 2, bottom: area.bottom + 6 }
  const labels = placeLabels(places, bounds)
  return html`<svg class="plot ${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="Assets that hold, against the price in ratios to the bare host; the table below has the same in words">
${grid(area, y, most, x)}
${priced.length === 0 ? NOTHING : html`<text class="axis" x="${(area.left + area.right) / 2}" y="${size.height - 8}" text-anchor="middle">${size.name === 'large' ? 'Price: geometric mean of ratios to the bare host' : 'Price, × the bare host'}</text>`}
${others.length === 0 ? NOTHING : laneOf(others, area, size, y)}
${priced.map((one, at) => pointOf(one, places[at] ?? { x: 0, y: 0 }, labels[at]))}
</svg>`
}

const LONGEST = 18
const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text
const shortLabel = (technology: Technology): string =>
  `${cut(technology.name, LONGEST)}${isEmulated(technology) ? ', emulated' : ''}`

function grid(
  area: Box,
  y: (assets: number) => number,
  most: number,
  x: ReturnType<typeof ratioScale>,
): Markup {
  const rows = Array.from({ length: most + 1 }, (_, assets) => assets)
  return html`${rows.map(
    (assets) =>
      html`<line class="grid" x1="${area.left}" x2="${pixels(area.right)}" y1="${pixels(y(assets))}" y2="${pixels(y(assets))}"/><text class="tick" x="${area.left - 8}" y="${pixels(y(assets) + 4)}" text-anchor="end">${assets}</text>`,
  )}
${x.ticks.map(
  (tick) =>
    html`<line class="${tick === 1 ? 'bare' : 'grid'}" x1="${pixels(x.at(tick))}" x2="${pixels(x.at(tick))}" y1="${area.top}" y2="${area.bottom}"/><text class="tick" x="${pixels(x.at(tick))}" y="${area.bottom + 18}" text-anchor="middle">${times(tick)}</text>`,
)}
<text class="axis" x="14" y="${(area.top + area.bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(area.top + area.bottom) / 2})">Assets that hold</text>`
}

function pointOf(
  { technology, benefit, cost = 1 }: Drawn,
  { x, y }: { readonly x: number; readonly y: number },
  label: ReturnType<typeof placeLabels>[number],
): Markup {
  const kind = isEmulated(technology) ? 'emulated' : 'real'
  const [left, top] = [pixels(x), pixels(y)]
  const words =
    label === undefined
      ? NOTHING
      : html`${label.led ? html`<line class="lead" x1="${left}" y1="${top}" x2="${pixels(label.x - 1)}" y2="${pixels(label.y - 4)}"/>` : NOTHING}<text class="name" x="${pixels(label.x)}" y="${pixels(label.y)}">${shortLabel(technology)}</text>`
  return html`<g><title>${titleOf(technology, benefit)}; ${times(cost)} the bare host${isEmulated(technology) ? ', its processor emulated' : ''}</title><circle class="point ${kind}" cx="${left}" cy="${top}" r="5.5"/>${words}</g>`
}

const titleOf = ({ name }: Technology, { assets }: Benefit): string =>
  `${name}: ${assets.held.length} assets hold${assets.held.length === 0 ? '' : ` (${assets.held.join(', ')})`}`

/** What has no price: one mark for each number of assets, with the names beside it, as many as there is room for. */
function laneOf(others: readonly Drawn[], area: Box, size: PlotSize, y: (assets: number) => number): Markup {
  const left = size.width - size.lane + 16
  const rows = Map.groupBy(others, ({ benefit }) => benefit.assets.held.length)
  return html`<line class="lane" x1="${left - 12}" x2="${left - 12}" y1="${area.top}" y2="${area.bottom}"/>
<text class="axis" x="${left}" y="${area.bottom + 18}">not measured</text>
${[...rows].map(
  ([assets, group]) =>
    html`<g><title>${group.map(({ technology, benefit }) => titleOf(technology, benefit)).join('\n')}</title><rect class="point unpriced" x="${left - 4}" y="${pixels(y(assets) - 4)}" width="8" height="8" transform="rotate(45 ${left} ${pixels(y(assets))})"/><text class="name" x="${left + 10}" y="${pixels(y(assets) + 4)}">${namesWithin(
      group.map(({ technology }) => technology.name),
      Math.floor((size.lane - 32) / 7),
    )}</text></g>`,
)}`
}

/** `bwrap, firejail +3`. */
function namesWithin(names: readonly string[], room: number): string {
  for (let count = names.length; count > 1; count--) {
    const rest = names.length - count
    const text = `${names.slice(0, count).join(', ')}${rest === 0 ? '' : ` +${rest}`}`
    if (text.length <= room) return text
  }
  const rest = names.length - 1
  const tail = rest === 0 ? '' : ` +${rest}`
  return `${cut(names[0] ?? '', room - tail.length)}${tail}`
}
