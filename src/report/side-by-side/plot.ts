import { html, type Markup, NOTHING } from '../html.ts'
import { askedAssets, type Benefit, benefitOf } from './benefit.ts'
import { type Box, type Placed, type Point, placeLabels } from './labels.ts'
import { times } from './numbers.ts'
import { cut, laneOf, titleOf } from './plot-lane.ts'
import { pixels, ratioScale } from './scale.ts'
import { isEmulated, type Technology } from './technologies.ts'

/* Benefit against price. Whatever is drawn stands in a table beside it, too. */

export interface Drawn {
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
  /** Room for the label of the dearest point. */
  readonly label: number
  /** As a class: which of the two sizes of a page it is. */
  readonly name: 'large' | 'small'
}

export const SIZES: readonly PlotSize[] = [
  { name: 'large', width: 860, height: 450, lane: 190, label: 120 },
  { name: 'small', width: 340, height: 440, lane: 104, label: 12 },
]

/** One picture of a size; absent where nothing has a benefit to be drawn. */
export function plot(technologies: readonly Technology[], size: PlotSize): Markup {
  const drawn = technologies.flatMap((technology): Drawn[] => {
    const benefit = benefitOf(technology)
    return benefit === undefined ? [] : [{ technology, benefit, cost: technology.cost }]
  })
  if (drawn.length === 0) return NOTHING
  const [priced, others] = [
    drawn.filter(({ cost }) => cost !== undefined),
    drawn.filter(({ cost }) => cost === undefined),
  ]
  const lane = others.length === 0 ? 0 : size.lane
  const area: Box = { left: 46, top: 36, right: size.width - lane - 8, bottom: size.height - 52 }
  const most = askedAssets(technologies).length
  const y = (assets: number): number => area.bottom - ((area.bottom - area.top) * assets) / Math.max(most, 1)
  const x = ratioScale(
    priced.flatMap(({ cost }) => cost ?? []),
    [area.left + 10, area.right - size.label],
  )
  const places = priced.map(({ technology, benefit, cost = 1 }) => ({
    ...{ x: x.at(cost), y: y(benefit.assets.held.length), label: labelOf(technology, size) },
  }))
  const bounds = { left: area.left + 2, right: area.right + 4, top: 2, bottom: area.bottom + 6 }
  const labels = placeLabels(places, bounds)
  return html`<svg class="plot ${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="Assets that hold, against the price in ratios to the bare host; the table below has the same in words">
${grid(area, y, most, x)}
${priced.length === 0 ? NOTHING : html`<text class="axis" x="${(area.left + area.right) / 2}" y="${size.height - 8}" text-anchor="middle">${size.name === 'large' ? 'Price: geometric mean of ratios to the bare host' : 'Price, × the bare host'}</text>`}
${others.length === 0 ? NOTHING : laneOf(others, area, size.width - size.lane + 16, size.width, y)}
${labels.map((placed, at) => labelAt(places[at], placed))}
${priced.map((one, at) => pointAt(one, places[at]))}
</svg>`
}

function labelOf(technology: Technology, { name }: PlotSize): string {
  const words = cut(technology.name, 18)
  if (!isEmulated(technology)) return words
  return name === 'large' ? `${words}, emulated` : `${words}, emu.`
}

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

function labelAt(point: Point | undefined, placed: Placed | undefined): Markup {
  if (point === undefined || placed === undefined) return NOTHING
  const [x, y] = [pixels(placed.x), pixels(placed.y)]
  const lead = html`<line class="lead" x1="${pixels(point.x)}" y1="${pixels(point.y)}" x2="${x}" y2="${y - 4}"/>`
  return html`${placed.led ? lead : NOTHING}<text class="name" x="${x}" y="${y}" text-anchor="${placed.anchor}">${point.label}</text>`
}

function pointAt({ technology, benefit, cost = 1 }: Drawn, point: Point | undefined): Markup {
  if (point === undefined) return NOTHING
  const [kind, also] = isEmulated(technology) ? ['emulated', ', its processor emulated'] : ['real', '']
  return html`<g><title>${titleOf(technology, benefit)}; ${times(cost)} the bare host${also}</title><circle class="point ${kind}" cx="${pixels(point.x)}" cy="${pixels(point.y)}" r="5.5"/></g>`
}
