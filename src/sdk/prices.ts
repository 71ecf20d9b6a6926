import type { BoxContext } from '../box/context.ts'
import type { AppBox } from '../price/app-box.ts'
import type { Choice } from '../price/choice-types.ts'
import type { PriceOptions } from '../price/conduct.ts'
import type { ChoiceOptions } from '../price/find-choice.ts'
import type { PriceResult } from '../price/result-types.ts'

export type { AppBox, ChoiceOptions, PriceOptions }

/** What isolation costs, and what is chosen by it. Its modules are loaded when they are asked for. */
export class Prices {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
  }

  /**
   * Measures engines beside the bare host; the engine `container` where nothing is named. The result is kept for {@link choose}.
   *
   * @throws GloveboxError what a start of a box refuses
   * @example
   * const result = await glovebox.prices.measure({ engines: ['gvisor'], quick: true })
   */
  async measure(options: PriceOptions = {}): Promise<PriceResult> {
    const { measurePrice } = await import('../price/conduct.ts')
    return measurePrice(this.#open(), options)
  }

  /**
   * The cheapest technology that holds what is required, by the newest exam and price of this box on this machine; `chosen` is absent
   * where none does.
   *
   * @throws GloveboxError CHOICE_WITHOUT_EXAM, CHOICE_WITHOUT_PRICE, UNKNOWN_REQUIREMENT, BAD_BUDGET, UNKNOWN_METRIC
   * @example
   * const { chosen } = await glovebox.prices.choose({ require: ['files', 'lan'], budget: ['start<500ms'] })
   */
  async choose(options: ChoiceOptions = {}): Promise<Choice> {
    const { findChoice } = await import('../price/find-choice.ts')
    return findChoice(this.#open(), options)
  }

  /**
   * The image of an application, the grants that it needs and the technology that it prefers, by its recipe's file or name.
   *
   * @throws GloveboxError RECIPE_NOT_FOUND, RECIPE_INVALID, IMAGE_NOT_FOUND
   */
  async app(recipe: string): Promise<AppBox> {
    const { appBox } = await import('../price/app-box.ts')
    return appBox(this.#open(), recipe)
  }
}
