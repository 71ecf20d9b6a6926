import { countVerdicts } from '../../exam/outcome.ts'
import type { Finding } from '../../exam/result-types.ts'
import type { Verdict } from '../../exam/types.ts'
import { printable } from '../../policy/quote.ts'
import { figureOf } from '../../price/figures.ts'
import type { Metric, PriceResult, Ratio } from '../../price/result-types.ts'
import { askedAssets, benefitOf, unexamined } from './benefit.ts'
import type { Cell, Row } from './grid.ts'
import type { Notes } from './notes.ts'
import { amount, times } from './numbers.ts'
import { isEmulated, type Technology, unpriced } from './technologies.ts'

/** Verdicts by a sign and their number; what is moot and what does not apply say as little. */
const SIGNS: readonly (readonly [sign: string, verdicts: readonly Verdict[]])[] = [
  ...([
    ['✗', ['breach']],
    ['✓', ['held']],
    ['○', ['granted']],
    ['?', ['inconclusive']],
    ['!', ['error']],
    ['–', ['moot', 'not applicable']],
  ] as const),
]
export const SIGN_WORDS =
  '✗ breach, ✓ held, ○ granted by the policy, ? nobody can say, ! the exam failed, – says nothing here.'

/** What each gives: how many assets hold, and the verdicts for each. */
export function examRows(technologies: readonly Technology[], notes: Notes): Row[] {
  return [
    { label: 'What it gives', cells: [] },
    { label: 'assets that hold', cells: technologies.map((one) => benefitCell(one, notes)) },
    ...askedAssets(technologies).map((asset) => ({
      label: asset,
      cells: technologies.map(({ exam }) =>
        verdictCell((exam?.findings ?? []).filter((finding) => finding.asset === asset)),
      ),
    })),
  ]
}

function benefitCell(technology: Technology, notes: Notes): Cell {
  const benefit = benefitOf(technology)
  if (benefit === undefined) return { text: `unknown${notes.mark(unexamined(technology))}`, style: 'yellow' }
  return { text: `${benefit.assets.held.length} of ${benefit.asked}` }
}

function verdictCell(findings: readonly Finding[]): Cell {
  if (findings.length === 0) return { text: 'not asked', style: 'dim', absent: true }
  const counts = countVerdicts(findings)
  const parts = SIGNS.flatMap(([sign, verdicts]) => {
    const count = verdicts.reduce((sum, verdict) => sum + (counts[verdict] ?? 0), 0)
    return count === 0 ? [] : [`${sign}${count}`]
  })
  return { text: parts.join(' '), ...(counts.breach === undefined ? {} : { style: 'red' }) }
}

/** What each costs: the whole first, then each metric. */
export function priceRows(technologies: readonly Technology[], price: PriceResult, notes: Notes): Row[] {
  return [
    { label: 'What it costs', cells: [] },
    {
      label: 'mean of shared ratios',
      cells: technologies.map((one) => costCell(one, notes)),
    },
    ...price.metrics.map((metric) => ({
      label: `${printable(metric.title)}, ${metric.unit}`,
      cells: technologies.map((one) => figureCell(one, metric, notes)),
    })),
  ]
}

function costCell(technology: Technology, notes: Notes): Cell {
  const { cost } = technology
  if (technology.price === undefined)
    return { text: `not measured${notes.mark(unpriced(technology))}`, style: 'dim' }
  if (cost === undefined)
    return { text: `not measured${notes.mark('no metric of it has a ratio')}`, style: 'dim' }
  return { text: `${times(cost)}${emulation(technology)}` }
}

/** `4.2×`, `=`, and `1.2×?` where nobody can say. */
const ratioInBrief = ({ says, value }: Ratio): string =>
  says === 'equal' ? '=' : `${times(value)}${says === 'unclear' ? '?' : ''}`

const emulation = (technology: Technology): string => (isEmulated(technology) ? ' emu' : '')

/** `252 4.2× emu`: the median in the metric's unit, and the ratio to the bare host where there is one. */
function figureCell(technology: Technology, { id }: Metric, notes: Notes): Cell {
  const { price } = technology
  if (price === undefined)
    return { text: `not measured${notes.mark(unpriced(technology))}`, style: 'dim', absent: true }
  const figure = figureOf(price, id)
  if (figure?.state !== 'measured')
    return { text: `not measured${notes.mark(figure?.reason ?? 'it was not asked for')}`, style: 'dim' }
  const { box, ratio, noisy } = figure
  const against = ratio === undefined ? '' : ` ${ratioInBrief(ratio)}`
  return { text: `${noisy ? '~' : ''}${amount(box.median)}${against}${emulation(technology)}` }
}
