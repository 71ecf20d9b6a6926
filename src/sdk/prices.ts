import type { BoxContext } from '../box/context.ts'
import type { PriceOptions } from '../price/conduct.ts'
import type { PriceResult } from '../price/result-types.ts'

export type { PriceOptions }

/** What isolation costs. Its modules are loaded when something is measured: a start of a box waits for none of them. */
export class Prices {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
  }

  /**
   * Measures engines beside the bare host; the engine `container` where nothing is named.
   *
   * @throws GloveboxError what a start of a box refuses
   * @example
   * const result = await glovebox.prices.measure({ engines: ['gvisor'], quick: true })
   */
  async measure(options: PriceOptions = {}): Promise<PriceResult> {
    const { measurePrice } = await import('../price/conduct.ts')
    return measurePrice(this.#open(), options)
  }
}
