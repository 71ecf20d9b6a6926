import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { GloveboxError } from '../errors.ts'
import {
  blobPath,
  ensureFolder,
  isDigest,
  readDocument,
  type StorePlaces,
  writeAtomically,
} from './layout.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { ownerOfIds } from './owner.ts'
import type { LockedSource } from './package-lock.ts'
import { readTreeRecord } from './resolve.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Raised where the same recipe would now make another image. */
const BUILDER_VERSION = 3

const cacheFolder = (places: StorePlaces): string => join(places.root, 'builds')

/** All that decides what a build makes, as one name. The parts are plain data, in a fixed order. */
export function buildKey(parts: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify({ builder: BUILDER_VERSION, ...parts }))
    .digest('hex')
}

/** @throws GloveboxError RECIPE_FILE_MISSING */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
  } catch (cause) {
    throw new GloveboxError({
      code: 'RECIPE_FILE_MISSING',
      audience: 'usage',
      message: `Cannot read ${path}, which the recipe names: ${(cause as Error).message}.`,
      remedy: 'Paths in a recipe are relative to the recipe.',
      cause,
    })
  }
  return hash.digest('hex')
}

/** The image that this key made before, where all of it is still there and unpacked for these ids. */
export function builtImage(context: ImageContext, key: string): Digest | undefined {
  const path = join(cacheFolder(context.places), key)
  if (!existsSync(path)) return undefined
  const digest = readFileSync(path, 'utf8')
  return isDigest(digest) && isWhole(context, digest) ? digest : undefined
}

/** Whether an image can be run as it is. */
export function isWhole(context: ImageContext, digest: Digest): boolean {
  const { places } = context
  if (!existsSync(blobPath(places, digest))) return false
  const manifest = parseManifest(readDocument(places, digest))
  const config = parseConfig(readDocument(places, manifest.config.digest))
  return (
    manifest.layers.every((layer) => existsSync(blobPath(places, layer.digest))) &&
    config.diffIds.every((diffId) => isWholeTree(context, diffId))
  )
}

/** Whether a layer is unpacked for these ids. */
export function isWholeTree(context: ImageContext, diffId: Digest): boolean {
  const owner = ownerOfIds(context.ids)
  return readTreeRecord(context.places, diffId)?.owner.every((id, at) => id === owner[at]) === true
}

export function rememberBuilt(places: StorePlaces, key: string, digest: Digest): void {
  ensureFolder(cacheFolder(places))
  writeAtomically(places, join(cacheFolder(places), key), digest)
}

/** What the mirror held when it was asked last: what an offline build goes by. */
export function rememberState(places: StorePlaces, key: string, state: readonly LockedSource[]): void {
  ensureFolder(cacheFolder(places))
  writeAtomically(places, join(cacheFolder(places), `mirror-${key}`), JSON.stringify(state))
}

/** @throws GloveboxError OFFLINE_UNKNOWN where the mirror was never asked */
export function lastState(places: StorePlaces, key: string): LockedSource[] {
  const path = join(cacheFolder(places), `mirror-${key}`)
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as LockedSource[]
  throw new GloveboxError({
    code: 'OFFLINE_UNKNOWN',
    audience: 'image',
    message: 'Cannot build offline: nothing was built from this mirror before.',
    remedy: 'Build once without --offline.',
  })
}
