import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { GloveboxError } from '../errors.ts'
import { nameWithDocuments } from './documents.ts'
import { layerOf } from './image-layer.ts'
import { writeImage } from './image-write.ts'
import { storeLayer } from './layer-write.ts'
import { readDocument } from './layout.ts'
import { withLease } from './lock.ts'
import { checkImageName } from './manage.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { findImage } from './resolve.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

/**
 * Makes an image of another one and an overlayfs upper folder on top of it: what a kept box has written.
 *
 * @param upperDir the folder `upper` itself; its files belong to subordinate ids
 * @returns the digest of the new image
 */
export async function commitLayer(
  context: ImageContext,
  upperDir: string,
  baseDigest: string,
  name: string,
): Promise<string> {
  checkImageName(name)
  if (!existsSync(upperDir))
    throw new GloveboxError({
      code: 'NOTHING_TO_COMMIT',
      audience: 'usage',
      message: 'Cannot make an image: the box has written nothing yet.',
      remedy: 'Run it once with --keep.',
    })
  return withLease(context.places, () => commitOver(context, upperDir, baseDigest, name))
}

async function commitOver(
  context: ImageContext,
  upperDir: string,
  baseDigest: string,
  name: string,
): Promise<string> {
  const base = findImage(context.places, baseDigest)
  const manifest = parseManifest(readDocument(context.places, base.digest))
  const config = parseConfig(readDocument(context.places, manifest.config.digest))
  const stored = await packUpper(context, upperDir)
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

/** tar(1) reads the folder as the ids that own it; what a box calls by a privilege loses it here. */
async function packUpper(
  context: ImageContext,
  upperDir: string,
): Promise<Awaited<ReturnType<typeof storeLayer>>> {
  let stored: Promise<Awaited<ReturnType<typeof storeLayer>>> | undefined
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
      stored = storeLayer(context, job.stdout ?? Readable.from([]), {
        limits: context.limits,
        privileged: 'strip',
        direction: 'upper',
      })
      await stored
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
