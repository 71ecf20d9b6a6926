import type { BoxContext } from '../box/context.ts'
import { engineWish } from '../box/engine-wish.ts'
import { GloveboxError } from '../errors.ts'
import type { BoxRequest, EngineName } from '../plan/types.ts'
import type { Choice } from '../price/choice-types.ts'

/** What a user asks for, also without naming a technology. */
export interface BoxAsk extends Omit<BoxRequest, 'engine'> {
  /**
   * Isolation technology; `auto` is the cheapest that holds what is required, by the newest exam and price of this machine. What the
   * image prefers where absent, else `container`.
   */
  readonly engine?: EngineName | 'auto'
  /** With `auto`: assets that must be held (`glovebox choose --require`); those that every engine promises where absent. */
  readonly require?: readonly string[]
  /** With `auto`: bounds of metrics, such as `start<500ms`. */
  readonly budget?: readonly string[]
}

/** A request with its technology, and the choice that it came of. */
export interface Settled {
  readonly request: BoxRequest
  readonly choice?: Choice
}

/**
 * Names the technology: nothing below knows of any other. Of the rooms of exam and price nothing is loaded unless one is to be chosen.
 *
 * @param examOptions the options of `glovebox exam` that say the same image and policy, for commands that errors tell
 * @throws GloveboxError REQUIRE_WITHOUT_AUTO, NOTHING_TO_CHOOSE, and what choosing refuses
 */
export async function settleEngine(
  context: BoxContext,
  { engine: named, require, budget, ...request }: BoxAsk,
  examOptions?: readonly string[],
): Promise<Settled> {
  const engine = named ?? engineWish(context, request)
  if (engine !== 'auto') {
    if (require !== undefined || budget !== undefined) throw requireWithoutAuto(engine)
    return { request: engine === undefined ? request : { ...request, engine } }
  }
  const [{ findChoice }, { nothingToChoose }] = await Promise.all([
    import('../price/find-choice.ts'),
    import('../price/nothing-to-choose.ts'),
  ])
  const choice = await findChoice(context, {
    box: request,
    ...(require === undefined ? {} : { require }),
    ...(budget === undefined ? {} : { budget }),
    ...(examOptions === undefined ? {} : { examOptions }),
  })
  if (choice.chosen === undefined) throw nothingToChoose(choice)
  return { request: { ...request, engine: choice.chosen }, choice }
}

function requireWithoutAuto(engine: EngineName | undefined): GloveboxError {
  return new GloveboxError({
    ...{ code: 'REQUIRE_WITHOUT_AUTO', audience: 'usage' },
    message: `Cannot use a requirement or a budget with engine ${engine ?? 'container'}: there is nothing to choose.`,
    remedy: 'Add --engine auto, or leave --require and --budget away.',
  })
}
