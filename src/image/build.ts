import { dirname } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { type BuildBase, baseOf } from './build-base.ts'
import { buildKey, builtImage, fileDigest, rememberBuilt } from './build-cache.ts'
import { buildLayers } from './build-layers.ts'
import type { BuildOptions } from './build-options.ts'
import { configOf } from './image-config.ts'
import { nameImage, writeImage } from './image-write.ts'
import { blobPath, type Descriptor, readSmall } from './layout.ts'
import { MANIFEST_TYPE } from './manifest.ts'
import { epochOf } from './mirror-state.ts'
import { findRecipe, type LoadedRecipe, loadRecipe, localFile, recipeNotFound } from './recipe-load.ts'
import type { Recipe } from './recipe-types.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

export interface BuiltImage {
  readonly digest: Digest
  readonly name: string
  /** Nothing had changed since it was built before. */
  readonly cached: boolean
}

/**
 * Builds the image of a recipe: the path of its file, or the name of one that comes with Glovebox. What has not
 * changed since the last time is not built again; the bases that it stands on are.
 *
 * @throws GloveboxError RECIPE_*, MIRROR_*, BASE_BUILD_FAILED, BUILD_STEP_FAILED, ARCHIVE_*, DISK_FULL
 */
export async function buildImage(
  context: ImageContext,
  ref: string,
  options: BuildOptions = {},
): Promise<BuiltImage> {
  const file = findRecipe(ref)
  if (file === undefined) throw recipeNotFound(ref, 'no recipe of this name comes with Glovebox')
  return build(context, loadRecipe(file), options, [])
}

async function build(
  context: ImageContext,
  loaded: LoadedRecipe,
  options: BuildOptions,
  above: readonly string[],
): Promise<BuiltImage> {
  const { recipe } = loaded
  if (above.includes(loaded.file)) throw endless([...above, loaded.file])
  const base = await baseOf(context, loaded, options, (ref) => below(context, loaded, ref, options, above))
  const key = buildKey({ recipe, base: base.identity, files: await digestsOf(loaded) })
  const cached = options.noCache === true ? undefined : builtImage(context, key)
  if (cached !== undefined) {
    await nameImage(context.places, descriptorOf(context, cached), recipe.name)
    return { digest: cached, name: recipe.name, cached: true }
  }
  const image = await assemble(context, loaded, base, options)
  await nameImage(context.places, image, recipe.name)
  rememberBuilt(context.places, key, image.digest)
  return { digest: image.digest, name: recipe.name, cached: false }
}

/** The image of a `recipe:` base, built where there is a recipe of this name; undefined where there is none. */
async function below(
  context: ImageContext,
  loaded: LoadedRecipe,
  ref: string,
  options: BuildOptions,
  above: readonly string[],
): Promise<Digest | undefined> {
  const file = findRecipe(ref, dirname(loaded.file))
  if (file === undefined) return undefined
  return (await build(context, loadRecipe(file), options, [...above, loaded.file])).digest
}

async function assemble(
  context: ImageContext,
  loaded: LoadedRecipe,
  base: BuildBase,
  options: BuildOptions,
): Promise<Descriptor> {
  const { recipe } = loaded
  const layers = await buildLayers(context, loaded, base, options)
  return writeImage(context.places, {
    layers,
    config: configOf(recipe, base.config, base.sources),
    annotations: {
      'org.opencontainers.image.title': recipe.name,
      ...(recipe.description === undefined
        ? {}
        : { 'org.opencontainers.image.description': recipe.description }),
    },
    createdSeconds: Math.max(epochOf(base.sources), base.createdSeconds),
  })
}

function descriptorOf(context: ImageContext, digest: Digest): Descriptor {
  return { mediaType: MANIFEST_TYPE, digest, size: readSmall(blobPath(context.places, digest)).length }
}

function digestsOf(loaded: LoadedRecipe): Promise<string[]> {
  return Promise.all(localPaths(loaded.recipe).map((path) => fileDigest(localFile(loaded, path))))
}

/** Every file of this machine that the recipe names; the base's own is part of the base's identity. */
function localPaths(recipe: Recipe): string[] {
  const sources = recipe.files.flatMap(({ from }) => ('source' in from ? [from.source] : []))
  const vendor = recipe.vendor.map((one) =>
    'deb' in one ? one.deb : 'appimage' in one ? one.appimage : one.tarball,
  )
  return [...sources, ...vendor]
}

function endless(files: readonly string[]): GloveboxError {
  return new GloveboxError({
    code: 'RECIPE_ENDLESS',
    audience: 'usage',
    message: `Cannot build ${files[0]}: its bases come back to itself: ${files.join(' → ')}.`,
    remedy: 'Let the last of them stand on a debian, image or tar base.',
  })
}
