import { printable } from '../policy/quote.ts'
import { costOf, figureOf } from '../price/figures.ts'
import { GROUPS, type Group, type Metric, type PriceResult, type SideResult } from '../price/result-types.ts'
import { neighboursReport } from './neighbours.ts'
import { amount, digits, ratioInWords, runsInWords } from './price-words.ts'
import { type TextStyle, wrapped } from './wrap.ts'

const HEADINGS: Readonly<Record<Group, string>> = {
  start: 'Start',
  memory: 'Memory',
  processor: 'Processor',
  kernel: 'Kernel',
  files: 'Files',
  network: 'Network',
  command: 'Your command',
}

/** What a person reads after measuring: for each technology each figure beside the bare host's. Pure; ends without a newline. */
export function priceReport(result: PriceResult, style: TextStyle): string {
  const { neighbours } = result
  return [
    ...result.sides.map((side) => sideLines(result, side, style).join('\n')),
    ...(neighbours === undefined ? [] : [neighboursReport(neighbours, style)]),
    closing(result, style).join('\n'),
  ].join('\n\n')
}

function sideLines(result: PriceResult, side: SideResult, style: TextStyle): string[] {
  const { width, paint } = style
  const { engine, tools, notes } = side.subject
  const cost = costOf(side, result.metrics)
  const whole = cost === undefined ? '' : `: ${digits(cost.value)} times the bare host as a whole`
  return [
    ...wrapped(`${printable(engine)}${whole}${side.emulated ? ', its processor emulated' : ''}`, width).map(
      (line) => paint(line, 'bold'),
    ),
    ...wrapped(printable(tools.join(', ')), width, '  ').map((line) => paint(line, 'dim')),
    ...notes.flatMap((note) => wrapped(printable(note), width, '  Note: ')),
    ...side.warnings
      .flatMap((warning) => wrapped(printable(warning), width, '  Warning: '))
      .map((line) => paint(line, 'yellow')),
    ...GROUPS.flatMap((group) => groupLines(group, result.metrics, side, style)),
    ...notMeasured(result.metrics, side, style),
  ]
}

function groupLines(
  group: Group,
  metrics: readonly Metric[],
  side: SideResult,
  { width, paint }: TextStyle,
): string[] {
  const rows = metrics
    .filter((metric) => metric.group === group)
    .flatMap((metric) => rowLines(metric, side, width))
  return rows.length === 0 ? [] : ['', `  ${paint(HEADINGS[group], 'bold')}`, ...rows]
}

const INDENT = '    '
/** Characters of the columns behind the title: the box, the bare host, the ratio and its interval. */
const [TITLE, COLUMNS] = [28, [10, 10, 8, 14]]

/** A row of columns and, behind them or below where the line is too short, the runs; sentences where no column fits. */
function rowLines(metric: Metric, side: SideResult, width: number): string[] {
  const figure = figureOf(side, metric.id)
  if (figure === undefined || figure.state === 'not measured') return []
  const { box, bare, ratio, noisy } = figure
  const title = printable(metric.title)
  const columns = [
    amount(box.median, metric.unit),
    bare === undefined ? '' : amount(bare.median, metric.unit),
    ratio === undefined ? '' : ratioInWords(ratio),
    ratio === undefined ? '' : `${digits(ratio.low)} to ${digits(ratio.high)}`,
  ]
  const runs = `${runsInWords(box.runs)}${noisy ? ', noisy' : ''}${side.emulated ? ', emulated' : ''}`
  const padded = columns.map((column, at) => ` ${column}`.padStart(COLUMNS[at] ?? 0))
  const row = `${INDENT}${title.padEnd(TITLE)}${padded.join('')}`
  const whole = `${row}  ${runs}`
  if (whole.length <= width) return [whole]
  if (row.length <= width) return [row.trimEnd(), `${INDENT}  ${runs}`]
  const words = [...columns.filter((column) => column !== ''), runs].join(', ')
  return [...wrapped(title, width, INDENT), ...wrapped(words, width, `${INDENT}  `)]
}

function notMeasured(metrics: readonly Metric[], side: SideResult, { width }: TextStyle): string[] {
  const lines = metrics.flatMap((metric) => {
    const figure = figureOf(side, metric.id)
    return figure?.state === 'not measured'
      ? wrapped(`${printable(metric.title)}: ${printable(figure.reason)}`, width, INDENT)
      : []
  })
  return lines.length === 0 ? [] : ['', '  Not measured', ...lines]
}

function closing(result: PriceResult, { width, paint }: TextStyle): string[] {
  const { glovebox, host, id, quick } = result
  const machine = `Glovebox ${glovebox} on ${host.distribution}, Linux ${host.kernel} ${host.machine}, ${host.cpu}: price ${id}.`
  const columns =
    'Columns: in the box, on the bare host in the same run, the cost of the box over that of the host (over 1 is dearer) and the ' +
    '95 % interval of that ratio. Equal: no difference that these runs could tell from noise; unclear: one that they could not tell at all.'
  return [
    ...wrapped(columns, width),
    ...wrapped(printable(machine), width),
    ...(quick ? wrapped('Few and short runs (--quick): intervals are wide.', width) : []),
  ].map((line) => paint(line, 'dim'))
}
