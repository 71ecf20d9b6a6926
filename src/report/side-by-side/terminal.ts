import { printable } from '../../policy/quote.ts'
import type { Comparison } from '../../price/comparison-types.ts'
import { overview } from '../terminal.ts'
import { type TextStyle, wrapped } from '../wrap.ts'
import { gridBlocks } from './grid.ts'
import { Notes } from './notes.ts'
import { examRows, priceRows, SIGN_WORDS } from './rows.ts'
import { differencesOf, isEmulated, type Technology, technologiesOf } from './technologies.ts'
import { EMULATION, EQUAL, NOISY, QUICK, UNCLEAR } from './words.ts'

/**
 * What a person reads after a comparison: the headline of each technology, and one table of what they give and, below, what they
 * cost, in blocks of columns where the terminal is narrow. Pure; ends without a newline.
 */
export function comparisonTable(comparison: Comparison, style: TextStyle): string {
  const technologies = technologiesOf(comparison)
  const notes = new Notes()
  const rows = [...examRows(technologies, notes), ...priceRows(technologies, comparison.price, notes)]
  const names = technologies.map(({ name }) => printable(name))
  const foot = footLines(comparison, technologies, notes).flatMap((line) => wrapped(line, style.width))
  const parts = [
    overview(comparison.exam, style),
    ...gridBlocks(names, rows, style),
    foot.map((line) => style.paint(line, 'dim')),
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function footLines(comparison: Comparison, technologies: readonly Technology[], notes: Notes): string[] {
  const { exam, price } = comparison
  const figures = price.sides.flatMap((side) => side.figures)
  const { kernel, machine, distribution } = price.host
  const said = [
    ...notes.all.map(([mark, words]) => `${mark} ${words}`),
    SIGN_WORDS,
    `Median, and its ratio to the bare host, where over 1 is dearer; = ${EQUAL}; ? ${UNCLEAR}.`,
    ...(figures.some((one) => one.state === 'measured' && one.noisy) ? [`~ ${NOISY}.`] : []),
    ...(technologies.some(isEmulated) ? [`emu: ${EMULATION}.`] : []),
    ...(price.quick ? [`${QUICK}.`] : []),
    ...differencesOf(comparison),
    ...price.sides.flatMap((side) => side.warnings.map((warning) => `${side.subject.name}: ${warning}`)),
    `${distribution}, Linux ${kernel} ${machine}: exam ${exam.id}, price ${price.id}.`,
  ]
  return said.map(printable)
}
