import { existsSync, readFileSync } from 'node:fs'
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
