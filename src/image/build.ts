import { dirname } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { type BuildBase, baseOf } from './build-base.ts'
import { buildKey, builtImage, fileDigest, rememberBuilt } from './build-cache.ts'
import { buildLayers } from './build-layers.ts'
import type { BuildOptions, BuildRun } from './build-options.ts'
import { describeImage, documentText, lockOf, nameDescribed, requireDocumentText } from './documents.ts'
import { configOf } from './image-config.ts'
import { nameImage, writeImage } from './image-write.ts'
import { blobPath, type Descriptor, readSmall } from './layout.ts'
import { withLease } from './lock.ts'
import { lockFileOf, readLockFile, writeLockFile } from './lock-file.ts'
import { MANIFEST_TYPE } from './manifest.ts'
import { epochOf } from './mirror-state.ts'
import { compareWithLock, type LockedVendor, requireLocked } from './package-lock.ts'
import {
  findRecipe,
  isRecipePath,
  type LoadedRecipe,
  loadRecipe,
  localFile,
  recipeNotFound,
} from './recipe-load.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'
import { vendorOf } from './vendor.ts'

export interface BuiltImage {
  readonly digest: Digest
  readonly name: string
  /** Nothing had changed since it was built before. */
  readonly cached: boolean
  /** The lock file that says what it was built from, where one was written. */
  readonly lockFile?: string
}

/**
 * Builds the image of a recipe: the path of its file, or the name of one that comes with Glovebox. What has not
 * changed since the last time is not built again; the bases that it stands on are.
 *
 * @throws GloveboxError RECIPE_*, LOCK_*, VENDOR_*, MIRROR_*, BASE_BUILD_FAILED, BUILD_STEP_FAILED, ARCHIVE_*, DISK_FULL
 */
export async function buildImage(
  context: ImageContext,
  ref: string,
  options: BuildOptions = {},
): Promise<BuiltImage> {
  const file = findRecipe(ref)
  if (file === undefined) throw recipeNotFound(ref, 'no recipe of this name comes with Glovebox')
  const loaded = loadRecipe(file)
  const lockFile = options.lockFile ?? lockFileOf(file)
  if (options.locked === true) {
    const lock = { content: readLockFile(lockFile), file: lockFile }
    return withLease(context.places, () => build(context, loaded, { ...options, lock }, []))
  }
  const built = await withLease(context.places, () => build(context, loaded, options, []))
  const text = documentText(context, built.digest, 'lock')
  if (options.lockFile === undefined && (text === undefined || !isRecipePath(ref))) return built
  writeLockFile(lockFile, text ?? requireDocumentText(context, built.digest, 'lock'))
  return { ...built, lockFile }
}

async function build(
  context: ImageContext,
  loaded: LoadedRecipe,
  run: BuildRun,
  above: readonly string[],
): Promise<BuiltImage> {
  const { recipe } = loaded
  if (above.includes(loaded.file)) throw endless([...above, loaded.file])
  const base = await baseOf(context, loaded, run, (ref) => below(context, loaded, ref, run, above))
  const [files, vendor] = await Promise.all([digestsOf(loaded), vendorOf(loaded)])
  const parts = { recipe, base: base.identity, files, vendor }
  const isTop = above.length === 0
  const cached = run.noCache === true ? undefined : findBuilt(context, parts, run, isTop)
  const image = cached ?? (await assemble(context, loaded, { base, vendor }, run))
  /* What a lock makes of a base is of no use to others: it gets no name. */
  if (isTop || run.lock === undefined) {
    if (cached !== undefined && lockOf(context, image.digest) !== undefined)
      await nameImage(context.places, image, recipe.name)
    else await settle(context, image, recipe.name, run)
  }
  if (cached === undefined) rememberBuilt(context.places, keyOf(parts, run), image.digest)
  return { digest: image.digest, name: recipe.name, cached: cached !== undefined }
}

/** An image that these parts made before. Under a lock, also one that was made without, if it is what the lock says. */
function findBuilt(
  context: ImageContext,
  parts: BuildParts,
  run: BuildRun,
  isTop: boolean,
): Descriptor | undefined {
  const held = builtImage(context, keyOf(parts, run))
  if (held !== undefined || run.lock === undefined) return held && descriptorOf(context, held)
  const free = builtImage(context, keyOf(parts, {}))
  if (free === undefined) return undefined
  const differences = compareWithLock(run.lock.content, lockOf(context, free) ?? { packages: [], vendor: [] })
  /* A base need not have all that the lock has, but nothing else. */
  const fits = differences.every(({ found }) => !isTop && found === undefined)
  return fits ? descriptorOf(context, free) : undefined
}

type BuildParts = Readonly<Record<string, unknown>>

function keyOf(parts: BuildParts, { lock }: BuildRun): string {
  if (lock === undefined) return buildKey(parts)
  const { packages, vendor } = lock.content
  return buildKey({ ...parts, lock: { packages, vendor } })
}

/** Names the image, with its documents; one that is not what the lock says gets no name. */
async function settle(context: ImageContext, image: Descriptor, name: string, run: BuildRun): Promise<void> {
  const described = await describeImage(context, image, name, run.signal)
  if (run.lock !== undefined)
    requireLocked(run.lock.content, run.lock.file, described.lock ?? { packages: [], vendor: [] })
  await nameDescribed(context, image, name, described)
}

/** The image of a `recipe:` base, built where there is a recipe of this name; undefined where there is none. */
async function below(
  context: ImageContext,
  loaded: LoadedRecipe,
  ref: string,
  run: BuildRun,
  above: readonly string[],
): Promise<Digest | undefined> {
  const file = findRecipe(ref, dirname(loaded.file))
  if (file === undefined) return undefined
  return (await build(context, loadRecipe(file), run, [...above, loaded.file])).digest
}

async function assemble(
  context: ImageContext,
  loaded: LoadedRecipe,
  { base, vendor }: { readonly base: BuildBase; readonly vendor: readonly LockedVendor[] },
  run: BuildRun,
): Promise<Descriptor> {
  const { recipe } = loaded
  const layers = await buildLayers(context, loaded, base, run)
  return writeImage(context.places, {
    layers,
    config: configOf(recipe, base.config, base.sources, vendor),
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

/** Of every file of this machine that the recipe puts in place; the base's own is part of the base's identity. */
function digestsOf(loaded: LoadedRecipe): Promise<string[]> {
  const sources = loaded.recipe.files.flatMap(({ from }) => ('source' in from ? [from.source] : []))
  return Promise.all(sources.map((path) => fileDigest(localFile(loaded, path))))
}

function endless(files: readonly string[]): GloveboxError {
  return new GloveboxError({
    code: 'RECIPE_ENDLESS',
    audience: 'usage',
    message: `Cannot build ${files[0]}: its bases come back to itself: ${files.join(' → ')}.`,
    remedy: 'Let the last of them stand on a debian, image or tar base.',
  })
}
