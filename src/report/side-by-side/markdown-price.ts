import { costsOf } from '../../price/cost.ts'
import { costOf, figureOf } from '../../price/figures.ts'
import {
  GROUPS,
  type Group,
  type MeasuredFigure,
  type Metric,
  type PriceResult,
  type SideResult,
} from '../../price/result-types.ts'
import { list, plain, table } from '../markdown-text.ts'
import { amount } from '../price-words.ts'
import { sideName } from './engines.ts'
import { Notes } from './notes.ts'
import { times } from './numbers.ts'
import { ratioWhole } from './seen.ts'
import { EMULATION, EQUAL, NOISY, QUICK, UNCLEAR } from './words.ts'

/** Each metric by technology beside the bare host, and what of it is not known in notes below. */
export function pricesTable(price: PriceResult): string[] {
  const { sides, metrics } = price
  if (sides.length === 0) return ['Nothing was measured.']
  const notes = new Notes()
  const rows = metrics.map((metric) => [
    plain(metric.title),
    bareCell(metric, sides),
    ...sides.map((side) => cell(side, metric, notes)),
  ])
  return [
    ...groupsTable(price),
    '',
    ...table(['', 'bare host', ...sides.map((side) => plain(sideName(side)))], rows),
    '',
    legend(price),
    ...list(notes.all.map(([mark, words]) => `${mark} Not measured: ${plain(words)}`)),
    ...list(
      sides.flatMap((side) => side.warnings.map((warning) => `${plain(sideName(side))}: ${plain(warning)}`)),
    ),
    '',
    'What each measure is:',
    ...list(metrics.map(({ title, says }) => `${plain(title)}: ${plain(says)}`)),
  ]
}

/** Where the price lies: the mean of each kind of work, and of them all. */
function groupsTable(price: PriceResult): string[] {
  const { sides, metrics } = price
  const costs = costsOf(price)
  const groups = GROUPS.filter((group) => metrics.some((metric) => metric.group === group))
  const whole = [
    `**all (${costs.metrics.length} measures that each has)**`,
    ...sides.map((side) => {
      const cost = costs.of.get(side.subject.engine)
      return cost === undefined ? 'not measured' : `**${times(cost.value)}**${emulation(side)}`
    }),
  ]
  return table(
    ['Kind of work', ...sides.map((side) => plain(sideName(side)))],
    [...groups.map((group) => [group, ...sides.map((side) => groupCell(side, group, metrics))]), whole],
  )
}

function groupCell(side: SideResult, group: Group, metrics: readonly Metric[]): string {
  const cost = costOf(
    side,
    metrics.filter((metric) => metric.group === group),
  )
  return cost === undefined ? 'not measured' : `${times(cost.value)}${emulation(side)}`
}

/** Said at each figure: a table is quoted in parts. */
const emulation = ({ emulated }: SideResult): string => (emulated ? ', emulated' : '')

function cell(side: SideResult, metric: Metric, notes: Notes): string {
  const figure = figureOf(side, metric.id)
  if (figure?.state !== 'measured') return `-${notes.mark(figure?.reason ?? 'it was not asked for')}`
  const { box, ratio, noisy } = figure
  const against = ratio === undefined ? '' : `, ${ratioWhole(ratio)}`
  return `${amount(box.median, metric.unit)}${against}${noisy ? ' \\~' : ''}${emulation(side)}`
}

/** Each technology has its own runs of the bare host between its own: their medians differ a little. */
function bareCell({ id, unit }: Metric, sides: readonly SideResult[]): string {
  const medians = sides
    .map((side) => figureOf(side, id))
    .filter((figure): figure is MeasuredFigure => figure?.state === 'measured')
    .flatMap(({ bare }) => (bare === undefined ? [] : [bare.median]))
  if (medians.length === 0) return '-'
  const [least, most] = [Math.min(...medians), Math.max(...medians)].map((median) => amount(median, unit))
  return least === most ? `${least}` : `${least} to ${most}`
}

function legend({ sides, quick }: PriceResult): string {
  const figures = sides.flatMap((side) => side.figures)
  return [
    'Median in the box, its ratio to the bare host (over 1× is dearer, also where more is better), and the 95 % interval of that ratio. The bare host ran between the runs of each box; where its medians differ, the least and the most are given.',
    `equal: ${EQUAL}.`,
    `unclear: ${UNCLEAR}.`,
    ...(figures.some((one) => one.state === 'measured' && one.noisy) ? [`\\~: ${NOISY}.`] : []),
    ...(sides.some(({ emulated }) => emulated) ? [`emulated: ${EMULATION}.`] : []),
    ...(quick ? [`${QUICK}.`] : []),
  ].join(' ')
}
