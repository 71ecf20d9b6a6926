import type { BuildOptions } from './build-base.ts'
import { fileDigest } from './build-cache.ts'
import { importImage } from './import.ts'
import { type LoadedRecipe, localFile } from './recipe-load.ts'
import type { Recipe } from './recipe-types.ts'
import { findImage } from './resolve.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

type ImportedBase = Extract<Recipe['base'], { image: string } | { tar: string }>

/**
 * The digest of an image base or a root filesystem base, imported first where it is not in the store. It is kept under
 * a name of its own, so that gc leaves it and the next build finds it.
 *
 * @throws GloveboxError what the import refuses
 */
export async function importBase(
  context: ImageContext,
  loaded: LoadedRecipe,
  base: ImportedBase,
  options: BuildOptions,
): Promise<Digest> {
  const source = 'tar' in base ? `tar:${localFile(loaded, base.tar)}` : base.image
  const name = `base-of/${loaded.recipe.name}:${'tar' in base ? (await fileDigest(localFile(loaded, base.tar))).slice(0, 12) : 'imported'}`
  if (options.noCache !== true && ('tar' in base || options.offline === true)) {
    const before = found(context, name)
    if (before !== undefined) return before
  }
  const { onProgress, signal } = options
  const imported = await importImage(context, source, {
    name,
    stripPrivileged: true,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  })
  return imported.digest
}

function found(context: ImageContext, name: string): Digest | undefined {
  try {
    return findImage(context.places, name).digest
  } catch {
    return undefined
  }
}
