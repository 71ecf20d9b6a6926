import { countVerdicts } from '../../exam/outcome.ts'
import type { Finding } from '../../exam/result-types.ts'
import type { Verdict } from '../../exam/types.ts'
import { plain, table } from '../markdown-text.ts'
import { askedAssets, benefitOf, unexamined } from './benefit.ts'
import type { Technology } from './technologies.ts'

/** What is written of each verdict; nothing stands for held. */
const SIGNS: readonly (readonly [verdict: Verdict, sign: string])[] = [
  ['breach', '**breached**'],
  ['held', 'held'],
  ['granted', 'granted'],
  ['inconclusive', 'open'],
  ['error', 'failed'],
]
/** What these say of a sandbox is nothing. */
const SILENT: readonly Verdict[] = ['moot', 'not applicable']

/** Assets by technology, with how many attacks came to what. */
export function assetsTable(technologies: readonly Technology[]): string[] {
  const examined = technologies.filter(({ exam }) => exam !== undefined)
  const rows = askedAssets(technologies).map((asset) => [
    asset,
    ...examined.map(({ exam }) => cell((exam?.findings ?? []).filter((one) => one.asset === asset))),
  ])
  const whole = ['assets that hold', ...examined.map(heldCell)]
  return [
    ...table(['Asset', ...examined.map(({ name }) => plain(name))], [...rows, whole]),
    '',
    'Numbers are of attacks. **breached**: it got through. held: it did not, and without a sandbox it did. granted: the policy allows it. open: nobody can say, as a control did not work here. failed: the exam itself did. -: nothing to be said, as it fails on this machine anyway or makes no sense for this technology. An asset holds where something held and nothing was breached.',
  ]
}

function cell(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'not asked'
  const counts = countVerdicts(findings)
  const parts = SIGNS.flatMap(([verdict, sign]) => {
    const count = counts[verdict]
    return count === undefined ? [] : [`${count} ${sign}`]
  })
  return parts.length === 0 && SILENT.some((verdict) => counts[verdict] !== undefined)
    ? '-'
    : parts.join(', ')
}

function heldCell(technology: Technology): string {
  const benefit = benefitOf(technology)
  return benefit === undefined
    ? `unknown: ${plain(unexamined(technology))}`
    : `${benefit.assets.held.length} of ${benefit.asked}`
}
