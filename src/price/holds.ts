import { breachesOf, countVerdicts, OPEN_VERDICTS } from '../exam/outcome.ts'
import type { Finding, SubjectResult } from '../exam/result-types.ts'
import { ASSETS, type Asset } from '../exam/types.ts'
import { printable } from '../policy/quote.ts'

/** What an exam says of one asset under one technology. */
export type Holding =
  | { readonly state: 'held' }
  | { readonly state: 'breached'; readonly why: string }
  | { readonly state: 'unknown'; readonly why: string }

/**
 * Whether an asset is held: nothing of it was breached, no question of it is open, and at least one probe was shown to hold. One that
 * this machine prevents anyway (moot), or that makes no sense here (not applicable), neither proves nor disproves it. So with what the
 * policy grants: that is a door which the user has opened, not a hole in the technology, and another technology would have it open,
 * too. But where all of an asset is granted, nothing of it was shown to hold, and it is unknown.
 */
export function holdingOf({ findings, neverStarted }: SubjectResult, asset: Asset): Holding {
  const own = findings.filter((finding) => finding.asset === asset)
  const [worst, ...others] = breachesOf({ findings: own })
  if (worst !== undefined) return { state: 'breached', why: breachInWords(worst, others.length) }
  if (neverStarted !== undefined)
    return { state: 'unknown', why: `the box never started in its exam: ${printable(neverStarted)}` }
  const open = own.filter(({ verdict }) => OPEN_VERDICTS.includes(verdict))
  const [first] = open
  if (first !== undefined)
    return {
      state: 'unknown',
      why: `nobody can say of ${asset}: ${printable(first.probe)} is ${first.verdict}${moreInWords(open.length - 1)}: ${printable(first.reason)}`,
    }
  if (own.some(({ verdict }) => verdict === 'held')) return { state: 'held' }
  return { state: 'unknown', why: `no probe of ${asset} could show that it holds${countsOf(own)}` }
}

/** The assets of which this exam shows that they are held. */
export const heldAssets = (examined: SubjectResult): Asset[] =>
  ASSETS.filter((asset) => holdingOf(examined, asset).state === 'held')

const breachInWords = ({ asset, title, severity }: Finding, more: number): string =>
  `it does not hold ${asset}: a box can ${printable(title)} (${severity}${moreInWords(more)})`

const moreInWords = (more: number): string => (more === 0 ? '' : `, and ${more} more`)

function countsOf(findings: readonly Finding[]): string {
  const counts = Object.entries(countVerdicts(findings)).map(([verdict, count]) => `${count} ${verdict}`)
  return counts.length === 0 ? ', as none was asked' : ` (${counts.join(', ')})`
}
