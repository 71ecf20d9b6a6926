import { GloveboxError } from '../errors.ts'
import type { OnProgress } from '../image/types.ts'
import type { EngineName } from '../plan/types.ts'
import type { Policy } from '../policy/types.ts'
import type { PriceResult } from '../price/result-types.ts'

export interface PriceOptions {
  readonly engines?: readonly EngineName[]
  readonly image?: string
  readonly policy?: Policy
  readonly policyOptions?: readonly string[]
  readonly quick?: boolean
  readonly neighbours?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
  readonly onStep?: (side: string, what: string, done: number, total: number) => void
}

/** The price of isolation: not there yet. */
export class Prices {
  async measure(_options: PriceOptions = {}): Promise<PriceResult> {
    throw new GloveboxError({
      ...{ code: 'PRICE_MISSING', audience: 'internal' },
      message: 'Cannot measure a price: this build of Glovebox has no such thing.',
    })
  }
}
