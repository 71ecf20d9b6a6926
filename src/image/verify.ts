import { createHash } from 'node:crypto'
import { createReadStream, existsSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { isWholeTree } from './build-cache.ts'
import { renewDocuments } from './documents.ts'
import { blobPath, type Descriptor, imageName, readDocument, readIndex } from './layout.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { blobsOf, referrersOf } from './referrers.ts'
import { findImage } from './resolve.ts'
import type { Digest, OnProgress } from './types.ts'
import { type ImageContext, unpackLayer } from './unpack.ts'

export interface Verification {
  readonly problems: readonly string[]
  /** Blobs and trees that were looked at. */
  readonly checked: number
}

interface Tally {
  readonly problems: string[]
  readonly blobs: Set<Digest>
  trees: number
}

/**
 * Reads every blob again and holds it against its digest; `repair` unpacks the trees that are missing, and makes
 * lock files and bills of materials anew that are missing or damaged.
 */
export async function verifyImages(
  context: ImageContext,
  ref?: string,
  options: { readonly repair?: boolean; readonly onProgress?: OnProgress } = {},
): Promise<Verification> {
  const images = ref === undefined ? readIndex(context.places).manifests : [findImage(context.places, ref)]
  const tally: Tally = { problems: [], blobs: new Set(), trees: 0 }
  for (const image of images) {
    const name = imageName(image) ?? image.digest
    options.onProgress?.({ step: 'verifying', detail: name })
    try {
      await verifyContent(context, image, options.repair === true, tally)
      await verifyDocuments(context, image, options.repair === true, tally)
    } catch (error) {
      tally.problems.push(`${name}: ${(error as Error).message}`)
    }
  }
  return { problems: tally.problems, checked: tally.blobs.size + tally.trees }
}

async function verifyContent(
  context: ImageContext,
  image: Descriptor,
  repair: boolean,
  tally: Tally,
): Promise<void> {
  await check(context, image.digest, tally)
  const manifest = parseManifest(readDocument(context.places, image.digest))
  const config = parseConfig(readDocument(context.places, manifest.config.digest))
  for (const { digest } of [manifest.config, ...manifest.layers]) await check(context, digest, tally)
  for (const [at, diffId] of config.diffIds.entries()) {
    tally.trees++
    if (isWholeTree(context, diffId)) continue
    if (repair) await unpackLayer(context, manifest.layers[at] as Descriptor, diffId, 'strip')
    else
      tally.problems.push(
        `the layer ${diffId} of ${imageName(image) ?? image.digest} is not unpacked for this user's ids`,
      )
  }
}

/** What can be made again from the image is mended; without `repair` it is named. */
async function verifyDocuments(
  context: ImageContext,
  image: Descriptor,
  repair: boolean,
  tally: Tally,
): Promise<void> {
  const { places } = context
  const referrers = referrersOf(readIndex(places), image.digest)
  const found: Tally = { problems: [], blobs: tally.blobs, trees: 0 }
  const damaged: Digest[] = []
  for (const referrer of referrers)
    for (const digest of [referrer.digest, ...(await documentBlobs(context, referrer))])
      if (!(await check(context, digest, found))) damaged.push(digest)
  if (repair && (damaged.length > 0 || referrers.length === 0)) {
    for (const digest of damaged) rmSync(blobPath(places, digest), { force: true })
    await renewDocuments(context, image, imageName(image) ?? image.digest)
  } else tally.problems.push(...found.problems)
}

/** A manifest that is damaged names nothing. */
async function documentBlobs(context: ImageContext, referrer: Descriptor): Promise<Digest[]> {
  const problem = await problemOf(context, referrer.digest)
  return problem === undefined ? blobsOf(context.places, referrer) : []
}

/** @returns whether the blob is whole, where it was not looked at before */
async function check(context: ImageContext, digest: Digest, tally: Tally): Promise<boolean> {
  if (tally.blobs.has(digest)) return true
  tally.blobs.add(digest)
  const problem = await problemOf(context, digest)
  if (problem !== undefined) tally.problems.push(problem)
  return problem === undefined
}

async function problemOf(context: ImageContext, digest: Digest): Promise<string | undefined> {
  const path = blobPath(context.places, digest)
  if (!existsSync(path)) return `the blob ${digest} is missing`
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}` === digest
    ? undefined
    : `the blob ${digest} has other content than its digest names`
}
