import { GloveboxError } from '../errors.ts'
import { isWholeTree } from './build-cache.ts'
import { lockOf } from './documents.ts'
import { named } from './image-write.ts'
import { imageName, readDocument, readIndex, writeIndex } from './layout.ts'
import { withIndexLock } from './lock.ts'
import { imageConfig, parseConfig, parseManifest } from './manifest.ts'
import { withoutOrphans } from './referrers.ts'
import { accountsOf, findImage, readTreeRecord } from './resolve.ts'
import type { Digest, ImageSummary } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Every image, named ones first. */
export function listImages(context: ImageContext): ImageSummary[] {
  const summaries = readIndex(context.places).manifests.map((image) => {
    const manifest = parseManifest(readDocument(context.places, image.digest))
    const config = parseConfig(readDocument(context.places, manifest.config.digest))
    return {
      name: imageName(image),
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
    name: imageName(image),
    digest: image.digest,
    created: config.created,
    /* How many; their names and versions: --lock, --sbom. */
    packages: lockOf(context, image.digest)?.packages.length,
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
    const kept = imageName(image) === undefined ? [] : [image]
    const after = named(index, image, name)
    const lost = kept.filter((one) => !after.manifests.some((other) => imageName(other) === imageName(one)))
    writeIndex(context.places, { ...after, manifests: [...after.manifests, ...lost] })
  })
}

/** Takes the name (or, by digest, every name) away; what no image needs any more goes with the next gc. */
export async function removeImage(context: ImageContext, ref: string): Promise<void> {
  const image = findImage(context.places, ref)
  await withIndexLock(context.places, () => {
    const index = readIndex(context.places)
    const manifests = index.manifests.filter((one) =>
      imageName(image) === ref ? imageName(one) !== ref : one.digest !== image.digest,
    )
    writeIndex(context.places, withoutOrphans({ ...index, manifests }))
  })
}
