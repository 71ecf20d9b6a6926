import type { BoxContext } from '../box/context.ts'
import { findRecipe, loadRecipe } from '../image/recipe-load.ts'
import { readImageConfig } from '../image/resolve.ts'
import type { EngineWish } from '../image/types.ts'
import { GRANT_NAMES } from '../policy/grants.ts'
import type { GrantName } from '../policy/types.ts'

/** What a recipe's image asks for. */
export interface AppBox {
  /** Name of the image. */
  readonly image: string
  /** Grants that the application needs; a start gives them only where its user does. */
  readonly grants: readonly GrantName[]
  /** The technology that it prefers. */
  readonly engine?: EngineWish
}

/**
 * The box of an application, as its image in the store says.
 *
 * @param recipe a recipe's file or name, or an image
 * @throws GloveboxError RECIPE_NOT_FOUND, RECIPE_INVALID, IMAGE_NOT_FOUND
 */
export function appBox(context: BoxContext, recipe: string): AppBox {
  const file = findRecipe(recipe)
  const image = file === undefined ? recipe : loadRecipe(file, recipe).recipe.name
  const { neededGrants, engine } = readImageConfig(context.store, image)
  return {
    image,
    grants: GRANT_NAMES.filter((grant) => neededGrants.includes(grant)),
    ...(engine === undefined ? {} : { engine }),
  }
}
