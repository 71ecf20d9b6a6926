import type { ExamResult } from '../exam/result-types.ts'
import type { PriceResult } from './result-types.ts'

/**
 * Benefit and price side by side: what `glovebox compare --json` prints. Ids, times and machines stand in its parts, so that
 * nothing is said twice.
 */
export interface Comparison {
  readonly version: 1
  readonly exam: ExamResult
  readonly price: PriceResult
}
