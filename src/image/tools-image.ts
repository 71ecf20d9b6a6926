import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { packageRoot } from '../host/build-info.ts'
import { sha256 } from '../host/sha256.ts'
import { initStore, isDigest, type StorePlaces, writeAtomically } from './layout.ts'
import { withFileLock } from './lock.ts'
import { ownerOfIds } from './owner.ts'
import { resolveImage } from './resolve.ts'
import type { Digest, OnProgress, ResolvedImage } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Name of the recipe and of the image. */
const TOOLS = 'tools'
/** A build fetches some 150 MB and takes a minute; on a slow line it takes longer. */
const WAIT_MS = 60 * 60 * 1000

/** Which image the recipe has made: the name of an image is the user's to give, and recipes change with Glovebox. */
interface ToolsRecord {
  readonly recipe: string
  readonly image: Digest
}

/**
 * The tools image: virtual machine monitors and guest kernels. Built where it is missing or another version of Glovebox
 * made it; nobody's mirror is asked where it is there.
 *
 * @throws GloveboxError what a build throws
 */
export async function ensureTools(
  context: ImageContext,
  onProgress?: OnProgress,
  signal?: AbortSignal,
): Promise<ResolvedImage> {
  const make = async (): Promise<ResolvedImage> =>
    currentTools(context) ?? buildTools(context, onProgress, signal)
  return currentTools(context) ?? withToolsLock(context, signal, make)
}

/** The image of this version's recipe, where it is built and unpacked for these ids. */
export function currentTools({ places, ids }: ImageContext): ResolvedImage | undefined {
  const record = readRecord(places)
  if (record === undefined || record.recipe !== recipeDigest()) return undefined
  try {
    return { ...resolveImage(places, record.image, ownerOfIds(ids)), ref: TOOLS }
  } catch (error) {
    const isGone =
      error instanceof GloveboxError && ['IMAGE_NOT_FOUND', 'IMAGE_NOT_UNPACKED'].includes(error.code)
    if (isGone) return undefined
    throw error
  }
}

/** Builds it, whether it is there or not, and remembers which it is. The caller has the lock. */
export async function buildTools(
  context: ImageContext,
  onProgress: OnProgress | undefined,
  signal: AbortSignal | undefined,
): Promise<ResolvedImage> {
  /* Not loaded on the way of a start. */
  const { buildImage } = await import('./build.ts')
  const recipe = recipeDigest()
  const { digest } = await buildImage(context, TOOLS, {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  })
  const record: ToolsRecord = { recipe, image: digest }
  writeAtomically(context.places, recordPath(context.places), JSON.stringify(record))
  return { ...resolveImage(context.places, digest, ownerOfIds(context.ids)), ref: TOOLS }
}

/** One builds, the others wait for what it makes. */
export async function withToolsLock<T>(
  { places }: ImageContext,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  initStore(places)
  const wait = { waitMs: WAIT_MS, askEveryMs: 200, what: 'build the tools image', signal }
  return withFileLock(join(places.root, 'tools.lock'), wait, work)
}

const recordPath = (places: StorePlaces): string => join(places.root, 'tools.json')

function recipeDigest(): string {
  return sha256(readFileSync(join(packageRoot(), 'recipes', `${TOOLS}.yaml`), 'utf8'))
}

function readRecord(places: StorePlaces): ToolsRecord | undefined {
  try {
    const { recipe, image } = JSON.parse(readFileSync(recordPath(places), 'utf8')) as Partial<ToolsRecord>
    return typeof recipe === 'string' && typeof image === 'string' && isDigest(image)
      ? { recipe, image }
      : undefined
  } catch {
    /* Not built yet, or damaged: then it is built, which costs little where the image is there. */
    return undefined
  }
}
