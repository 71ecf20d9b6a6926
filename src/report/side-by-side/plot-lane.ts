import { html, type Markup } from '../html.ts'
import type { Benefit } from './benefit.ts'
import type { Box } from './labels.ts'
import { pixels } from './scale.ts'
import type { Technology } from './technologies.ts'

/** Of the font of names in the plot. */
const LETTER = 7.6

export const titleOf = ({ name }: Technology, { assets: { held } }: Benefit): string =>
  `${name}: ${held.length} assets hold${held.length === 0 ? '' : ` (${held.join(', ')})`}`

export const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text

interface Unpriced {
  readonly technology: Technology
  readonly benefit: Benefit
}

/** What has no price: one mark for each number of assets, with the names beside it, as many as there is room for. */
export function laneOf(
  others: readonly Unpriced[],
  area: Box,
  left: number,
  right: number,
  y: (assets: number) => number,
): Markup {
  const rows = Map.groupBy(others, ({ benefit }) => benefit.assets.held.length)
  return html`<line class="lane" x1="${left - 12}" x2="${left - 12}" y1="${area.top}" y2="${area.bottom}"/>
<text class="axis" x="${left}" y="${area.bottom + 18}">not measured</text>
${[...rows].map(
  ([assets, group]) =>
    html`<g><title>${group.map(({ technology, benefit }) => titleOf(technology, benefit)).join('\n')}</title><rect class="point unpriced" x="${left - 4}" y="${pixels(y(assets) - 4)}" width="8" height="8" transform="rotate(45 ${left} ${pixels(y(assets))})"/><text class="name" x="${left + 10}" y="${pixels(y(assets) + 4)}">${namesWithin(
      group.map(({ technology }) => technology.name),
      Math.floor((right - left - 12) / LETTER),
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
