import { type KeptKind, keepFile, keptIn } from '../exam/kept-files.ts'
import { MOST_PRICE_BYTES, parsePrice } from './result-schema.ts'
import type { PriceResult } from './result-types.ts'

/** Where the results of past measurements lie. */
export const priceFolder = (state: string): string => `${state}/prices/results`

const KIND: KeptKind<PriceResult> = {
  ...{ mostBytes: MOST_PRICE_BYTES, parse: parsePrice, invalidCode: 'PRICE_RESULT_INVALID' },
}

/** Keeps a result for choices and reports. */
export const keepPrice = (folder: string, result: PriceResult): void => keepFile(folder, result)

/** What is kept, the newest first, each read when it is asked for. */
export const keptPrices = (folder: string): Generator<PriceResult, void> => keptIn(folder, KIND)

export const newestPrice = (folder: string): PriceResult | undefined =>
  keptPrices(folder).next().value ?? undefined
