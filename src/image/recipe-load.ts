import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { packageRoot } from '../host/build-info.ts'
import { parseRecipe } from './recipe.ts'
import type { Recipe } from './recipe-types.ts'

export interface LoadedRecipe {
  readonly recipe: Recipe
  /** Absolute path of the file. */
  readonly file: string
}

/** Whether it names a file of the user's, and none of the recipes that come along. */
export const isRecipePath = (ref: string): boolean => /[/]|\.ya?ml$/.test(ref)

/** A path, where it looks like one; else the name of a recipe beside the one that asks, or of one that comes along. */
export function findRecipe(ref: string, besides?: string): string | undefined {
  if (isRecipePath(ref)) return resolve(besides ?? '.', ref)
  const folders = [...(besides === undefined ? [] : [besides]), join(packageRoot(), 'recipes')]
  return folders.map((folder) => join(folder, `${ref}.yaml`)).find((path) => existsSync(path))
}

/** @throws GloveboxError RECIPE_NOT_FOUND, RECIPE_INVALID */
export function loadRecipe(file: string, shownAs = file): LoadedRecipe {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw recipeNotFound(
      shownAs,
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message,
    )
  }
  return { recipe: parseRecipe(text, shownAs), file: resolve(file) }
}

export function recipeNotFound(ref: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'RECIPE_NOT_FOUND',
    audience: 'usage',
    message: `Cannot build "${ref}": ${why}.`,
    remedy: 'Name a recipe file, or one of those that come along: base, browser, firefox, shell, voice.',
  })
}

/** A local file that the recipe names, as an absolute path. */
export const localFile = (loaded: LoadedRecipe, path: string): string => resolve(dirname(loaded.file), path)

/**
 * A local file that goes into the image as it is. It must lie below the recipe's folder: who writes a recipe may be
 * somebody else than who builds it, and would have the builder's keys put into an image that he runs.
 *
 * @throws GloveboxError RECIPE_FILE_OUTSIDE
 */
export function enclosedFile(loaded: LoadedRecipe, path: string): string {
  const folder = realpathSync(dirname(loaded.file))
  const file = localFile(loaded, path)
  const real = existsSync(file) ? realpathSync(file) : file
  if (real.startsWith(`${folder}/`) || (real === file && file.startsWith(`${dirname(loaded.file)}/`)))
    return real
  throw new GloveboxError({
    code: 'RECIPE_FILE_OUTSIDE',
    audience: 'usage',
    message: `Cannot put ${path} into the image: it lies outside of the recipe's folder, ${folder}.`,
    remedy: 'If you want it in the image, copy it beside the recipe.',
  })
}
