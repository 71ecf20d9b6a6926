import type { BoxContext } from '../box/context.ts'
import type { AppBox } from '../price/app-box.ts'
import type { Choice } from '../price/choice-types.ts'
import type { ChoiceOptions } from '../price/find-choice.ts'

export type { AppBox, ChoiceOptions }

/** What isolation costs, and what is chosen by it. Its modules are loaded when they are asked for. */
export class Prices {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
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
