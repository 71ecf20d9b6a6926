import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { GloveboxError } from '../errors.ts'
import { spawnTool } from '../host/spawn.ts'
import { isWholeTree } from './build-cache.ts'
import { named } from './image-write.ts'
import { blobPath, type Descriptor, REF_NAME, readDocument, readIndex, writeIndex } from './layout.ts'
import { withIndexLock } from './lock.ts'
import { imageConfig, parseConfig, parseManifest } from './manifest.ts'
import { accountsOf, findImage, readTreeRecord } from './resolve.ts'
import type { Digest, ImageSummary, OnProgress } from './types.ts'
import { type ImageContext, unpackLayer } from './unpack.ts'

const nameOf = (image: Descriptor): string | undefined => image.annotations?.[REF_NAME]

/** Every image, named ones first. */
export function listImages(context: ImageContext): ImageSummary[] {
  const summaries = readIndex(context.places).manifests.map((image) => {
    const manifest = parseManifest(readDocument(context.places, image.digest))
    const config = parseConfig(readDocument(context.places, manifest.config.digest))
    return {
      name: nameOf(image),
      digest: image.digest,
      sizeBytes: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
      createdAt: config.created,
      layers: manifest.layers.length,
    }
  })
  return summaries.sort((a, b) => (a.name ?? '~').localeCompare(b.name ?? '~'))
}

/** Manifest, configuration, layers and accounts of one image, as data. */
export function showImage(context: ImageContext, ref: string): Record<string, unknown> {
  const image = findImage(context.places, ref)
  const manifest = parseManifest(readDocument(context.places, image.digest))
  const config = parseConfig(readDocument(context.places, manifest.config.digest))
  const records = config.diffIds.flatMap((diffId) => readTreeRecord(context.places, diffId) ?? [])
  return {
    name: nameOf(image),
    digest: image.digest,
    created: config.created,
    annotations: manifest.annotations,
    config: imageConfig(config),
    layers: manifest.layers.map((layer, at) => ({
      ...layer,
      diffId: config.diffIds[at],
      unpacked: isWholeTree(context, config.diffIds[at] as Digest),
    })),
    users: accountsOf(records).users.map((user) => user.name),
  }
}

export interface Verification {
  readonly problems: readonly string[]
  /** Blobs and trees that were looked at. */
  readonly checked: number
}

/** Reads every blob again and holds it against its digest; `repair` unpacks the trees that are missing. */
export async function verifyImages(
  context: ImageContext,
  ref?: string,
  options: { readonly repair?: boolean; readonly onProgress?: OnProgress } = {},
): Promise<Verification> {
  const images = ref === undefined ? readIndex(context.places).manifests : [findImage(context.places, ref)]
  const problems: string[] = []
  const seen = new Set<Digest>()
  let trees = 0
  const check = async (digest: Digest): Promise<void> => {
    if (seen.has(digest)) return
    seen.add(digest)
    const problem = await checkBlob(context, digest)
    if (problem !== undefined) problems.push(problem)
  }
  for (const image of images) {
    options.onProgress?.({ step: 'verifying', detail: nameOf(image) ?? image.digest })
    try {
      await check(image.digest)
      const manifest = parseManifest(readDocument(context.places, image.digest))
      const config = parseConfig(readDocument(context.places, manifest.config.digest))
      for (const digest of [manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)])
        await check(digest)
      for (const [at, diffId] of config.diffIds.entries()) {
        trees++
        if (isWholeTree(context, diffId)) continue
        if (options.repair === true)
          await unpackLayer(context, manifest.layers[at] as Descriptor, diffId, 'strip')
        else
          problems.push(
            `the layer ${diffId} of ${nameOf(image) ?? image.digest} is not unpacked for this user's ids`,
          )
      }
    } catch (error) {
      problems.push(`${nameOf(image) ?? image.digest}: ${(error as Error).message}`)
    }
  }
  return { problems, checked: seen.size + trees }
}

async function checkBlob(context: ImageContext, digest: Digest): Promise<string | undefined> {
  const path = blobPath(context.places, digest)
  if (!existsSync(path)) return `the blob ${digest} is missing`
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return `sha256:${hash.digest('hex')}` === digest
    ? undefined
    : `the blob ${digest} has other content than its digest names`
}

const NAME = /^[a-z0-9]+([._/-][a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$/

/** @throws GloveboxError BAD_NAME */
export function checkImageName(name: string): string {
  if (NAME.test(name) && name.length <= 200) return name
  throw new GloveboxError({
    code: 'BAD_NAME',
    audience: 'usage',
    message: `Cannot name an image ${JSON.stringify(name.slice(0, 200))}: a name is lower-case letters and digits with single ".", "_", "-" or "/" between, and may end with ":TAG".`,
    remedy: 'Choose another name.',
  })
}

/** Gives an image one more name. */
export async function tagImage(context: ImageContext, ref: string, name: string): Promise<void> {
  checkImageName(name)
  const image = findImage(context.places, ref)
  await withIndexLock(context.places, () => {
    const index = readIndex(context.places)
    const kept = nameOf(image) === undefined ? [] : [image]
    const after = named(index, image, name)
    const lost = kept.filter((one) => !after.manifests.some((other) => nameOf(other) === nameOf(one)))
    writeIndex(context.places, { schemaVersion: 2, manifests: [...after.manifests, ...lost] })
  })
}

/** Takes the name (or, by digest, every name) away; what no image needs any more goes with the next gc. */
export async function removeImage(context: ImageContext, ref: string): Promise<void> {
  const image = findImage(context.places, ref)
  await withIndexLock(context.places, () => {
    const { manifests } = readIndex(context.places)
    const rest = manifests.filter((one) =>
      nameOf(image) === ref ? nameOf(one) !== ref : one.digest !== image.digest,
    )
    writeIndex(context.places, { schemaVersion: 2, manifests: rest })
  })
}

/**
 * Writes an image to `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:TAG]`.
 *
 * @throws GloveboxError EXPORT_FAILED with skopeo's words
 */
export async function exportImage(context: ImageContext, ref: string, destination: string): Promise<void> {
  if (!/^(oci|oci-archive|docker-archive|dir):./.test(destination))
    throw new GloveboxError({
      code: 'EXPORT_DESTINATION',
      audience: 'usage',
      message: `Cannot export to ${JSON.stringify(destination.slice(0, 200))}: it does not say in which form.`,
      remedy: 'Write oci:FOLDER, oci-archive:FILE or docker-archive:FILE:NAME.',
    })
  const image = findImage(context.places, ref)
  const name = nameOf(image)
  if (name === undefined) await tagImage(context, image.digest, `export-${image.digest.slice(7, 19)}`)
  const source = `oci:${context.places.oci}:${name ?? `export-${image.digest.slice(7, 19)}`}`
  const { exitCode, stderr } = await spawnTool(['skopeo', 'copy', '--', source, destination])
  if (exitCode === 0) return
  throw new GloveboxError({
    code: 'EXPORT_FAILED',
    audience: 'image',
    message: `Cannot export ${ref} to ${destination}: ${/msg="((?:[^"\\]|\\.)*)"/.exec(stderr)?.[1] ?? stderr.trim().slice(0, 500)}.`,
    remedy: 'See that the folder exists and that there is room.',
  })
}
