import { printable } from '../policy/quote.ts'
import { type HistoricTechnology, NEIGHBOURS_2007 } from '../price/history.ts'
import {
  type Degradation,
  type NeighbourFigure,
  type NeighbourSide,
  type NeighboursResult,
  STRESSES,
  type Stress,
} from '../price/result-types.ts'
import { type TextStyle, wrapped } from './wrap.ts'

/** A server that gave no figures while its own box misbehaved, as in 2007. */
const DNR = 'DNR'
/** Characters between columns. */
const GAP = 2
const SHORT_YEAR = '2007 '

const HEADS = ['well-behaved', 'misbehaving'] as const

/** What a row says: two figures, or one sentence in their place. */
type Row = readonly [name: string, well: string, bad: string] | readonly [name: string, reason: string]

/**
 * What a person reads of good and bad neighbours: for each stress a row a side, and below them in the same columns what was measured
 * in 2007. Pure; ends without a newline.
 */
export function neighboursReport(result: NeighboursResult, style: TextStyle): string {
  const blocks = STRESSES.flatMap((stress) => {
    const figures = result.sides.flatMap((side) => {
      const figure = side.stresses.find((one) => one.stress === stress)
      return figure === undefined ? [] : [[side, figure] as const]
    })
    return figures.length === 0 ? [] : [stressBlock(stress, figures, style)]
  })
  return [head(style), ...blocks, foot(result, style)].map((lines) => lines.join('\n')).join('\n\n')
}

type Figures = readonly (readonly [NeighbourSide, NeighbourFigure])[]

function stressBlock(stress: Stress, figures: Figures, { width, paint }: TextStyle): string[] {
  const ours = figures.map(([side, figure]) => rowOf(side, figure))
  const theirs = NEIGHBOURS_2007.technologies.map((technology) => historicRow(technology, stress))
  const rows: Row[] = [[stress, ...HEADS], ...ours, ...theirs]
  const first = GAP + Math.max(...rows.map(([name]) => name.length))
  const second = GAP + Math.max(...rows.map((row) => (row.length === 3 ? row[1].length : 0)))
  const lines = rows.map((row) => {
    const name = `  ${row[0].padEnd(first)}`
    return row.length === 2
      ? wrapped(row[1], width, name)
      : [`${name}${row[1].padEnd(second)}${row[2]}`.trimEnd()]
  })
  const bombs = figures.flatMap(([{ name }, figure]) =>
    figure.state === 'measured' ? [`${printable(name)}: ${printable(figure.work)}`] : [],
  )
  return [
    ...(lines[0] ?? []).map((line) => paint(line, 'bold')),
    ...lines.slice(1, 1 + ours.length).flat(),
    ...lines
      .slice(1 + ours.length)
      .flat()
      .map((line) => paint(line, 'dim')),
    ...(bombs.length === 0 ? [] : wrapped(`Bombs: ${bombs.join(' · ')}`, width, '    ')).map((line) =>
      paint(line, 'dim'),
    ),
  ]
}

function rowOf({ name, emulated }: NeighbourSide, figure: NeighbourFigure): Row {
  const side = `${printable(name)}${emulated ? ', emulated' : ''}`
  if (figure.state === 'not measured') return [side, `not measured: ${printable(figure.reason)}`]
  return [side, lossInWords(figure.well), figure.bad === undefined ? DNR : lossInWords(figure.bad)]
}

/** `equal` within the noise, else the loss and its interval, with `?` where that says nothing either way; below 0 it was quicker. */
export function lossInWords({ percent, low, high, equal }: Degradation): string {
  if (equal) return 'equal'
  const unclear = low <= 0 && high >= 0 ? '?' : ''
  return `${percent.toFixed(1)} % (${low.toFixed(1)} to ${high.toFixed(1)})${unclear}`
}

function historicRow({ name, losses }: HistoricTechnology, stress: Stress): Row {
  const words = (value: number | undefined) => (value === undefined ? DNR : `${value} %`)
  return [`${SHORT_YEAR}${name}`, words(losses[stress].well), words(losses[stress].bad)]
}

function head({ width, paint }: TextStyle): string[] {
  return [
    ...wrapped('Neighbours: good answers that are lost while one of two boxes misbehaves', width).map(
      (line) => paint(line, 'bold'),
    ),
    ...wrapped(
      'Each box has a web server and its load. In percent of the answers without a bomb, with the 95 % interval; equal is within the noise, ? too wide to say, DNR did not report. bare is two processes without any box.',
      width,
    ),
  ]
}

function foot({ bounds, sides }: NeighboursResult, { width, paint }: TextStyle): string[] {
  const emulated = sides.filter((side) => side.emulated).map(({ name }) => printable(name))
  const technologies = NEIGHBOURS_2007.technologies.map(({ kind }) => kind).join('; ')
  const notes = [
    ...(emulated.length === 0
      ? []
      : [
          `${emulated.join(' and ')}: the processor is emulated in software here, which is slow by itself; these figures say nothing of the same engine with KVM.`,
        ]),
    ...bounds.map(printable),
    `2007: ${technologies} (${NEIGHBOURS_2007.source}). Its clients, and the other ends of its network stresses, were other machines; here they are in the box. Its machines, loads and bounds were others: compare which walls held, not the digits.`,
  ]
  return notes.flatMap((note) => wrapped(note, width, '- ')).map((line) => paint(line, 'dim'))
}
