import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { GloveboxError } from '../errors.ts'
import { nameWithDocuments } from './documents.ts'
import { layerOf } from './image-layer.ts'
import { writeImage } from './image-write.ts'
import { type StoredLayer, storeLayer } from './layer-write.ts'
import { readDocument } from './layout.ts'
import { withLease } from './lock.ts'
import { checkImageName } from './manage.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { findImage } from './resolve.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Hands over an overlayfs upper folder as an archive with overlayfs' own marks; false where there is none yet. */
export type ReadUpper = (use: (archive: Readable) => Promise<void>) => Promise<boolean>

/**
 * Makes an image of another one and an overlayfs upper folder on top of it: what a kept box has written.
 *
 * @param upper the folder `upper` itself, whose files belong to subordinate ids; or who reads it out of a guest
 * @returns the digest of the new image
 */
export async function commitLayer(
  context: ImageContext,
  upper: string | ReadUpper,
  baseDigest: string,
  name: string,
): Promise<string> {
  checkImageName(name)
  if (typeof upper === 'string' && !existsSync(upper)) throw nothingWritten()
  return withLease(context.places, () => commitOver(context, upper, baseDigest, name))
}

function nothingWritten(): GloveboxError {
  return new GloveboxError({
    code: 'NOTHING_TO_COMMIT',
    audience: 'usage',
    message: 'Cannot make an image: the box has written nothing yet.',
    remedy: 'Run it once with --keep.',
  })
}

async function commitOver(
  context: ImageContext,
  upper: string | ReadUpper,
  baseDigest: string,
  name: string,
): Promise<string> {
  const base = findImage(context.places, baseDigest)
  const manifest = parseManifest(readDocument(context.places, base.digest))
  const config = parseConfig(readDocument(context.places, manifest.config.digest))
  const stored = await (typeof upper === 'string' ? packUpper(context, upper) : takeUpper(context, upper))
  const lower = manifest.layers.map((descriptor, at) => ({
    descriptor,
    diffId: config.diffIds[at] as Digest,
    createdBy: 'base',
  }))
  const image = writeImage(context.places, {
    layers: [...lower, layerOf(stored, 'glovebox commit')],
    config: config.config,
    annotations: manifest.annotations,
    createdSeconds: Math.floor(Date.now() / 1000),
  })
  await nameWithDocuments(context, image, name)
  return image.digest
}

const storeUpper = (context: ImageContext, archive: Readable): Promise<StoredLayer> =>
  storeLayer(context, archive, { limits: context.limits, privileged: 'strip', direction: 'upper' })

/** A guest reads its own files; the archive may be anybody's making. */
async function takeUpper(context: ImageContext, read: ReadUpper): Promise<StoredLayer> {
  let stored: StoredLayer | undefined
  await read(async (archive) => {
    stored = await storeUpper(context, archive)
  })
  if (stored === undefined) throw nothingWritten()
  return stored
}

/** tar(1) reads the folder as the ids that own it; what a box calls by a privilege loses it here. */
async function packUpper(context: ImageContext, upperDir: string): Promise<StoredLayer> {
  let stored: StoredLayer | undefined
  const { exitCode } = await context.runJob(
    {
      ids: context.ids,
      mounts: [{ kind: 'ro', source: upperDir, target: '/box/upper' }],
      network: 'none',
      argv: [
        '/bin/tar',
        '--create',
        '--file=-',
        '--format=posix',
        '--sort=name',
        '--numeric-owner',
        '--xattrs',
        '--xattrs-include=user.overlay.opaque',
        '--directory=/box/upper',
        '.',
      ],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'pipe', 'ignore'],
    async (job) => {
      stored = await storeUpper(context, job.stdout ?? Readable.from([]))
    },
  )
  if (exitCode === 0 && stored !== undefined) return stored
  throw new GloveboxError({
    code: 'COMMIT_FAILED',
    audience: 'host',
    message: `Cannot read what the box has written: tar ended with code ${exitCode}.`,
    remedy: 'Ask: glovebox doctor',
  })
}
