import { existsSync, linkSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { isWholeTree } from './build-cache.ts'
import { nameWithDocuments } from './documents.ts'
import { architectureOf } from './image-write.ts'
import type { Imported, ImportOptions } from './import-types.ts'
import {
  blobPath,
  corrupt,
  type Descriptor,
  parseIndex,
  parseJson,
  readDocument,
  readSmall,
  type StorePlaces,
  storePlaces,
  temporaryPath,
} from './layout.ts'
import { MANIFEST_TYPE, parseConfig, parseManifest } from './manifest.ts'
import type { Digest } from './types.ts'
import { discardTree, type ImageContext, settleTree, type UnpackedLayer, unpackAside } from './unpack.ts'

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

/**
 * Takes one image of a foreign OCI layout into the store: all of it is checked and unpacked before anything of it is
 * put in its place, so one that is refused leaves nothing. Blobs come in by hard link, and are named at the end.
 *
 * @throws GloveboxError IMAGE_INVALID, ARCHIVE_*
 */
export async function adoptLayout(
  context: ImageContext,
  folder: string,
  options: ImportOptions,
): Promise<Imported> {
  const foreign: StorePlaces = { ...storePlaces(folder), oci: folder }
  const image = chooseManifest(foreign)
  const manifest = parseManifest(readDocument(foreign, image.digest))
  const config = parseConfig(readDocument(foreign, manifest.config.digest))
  if (manifest.layers.length !== config.diffIds.length)
    throw corrupt('its manifest and its configuration name different numbers of layers')
  const layers = manifest.layers.map((layer, at) => ({ layer, diffId: config.diffIds[at] as Digest }))
  const unpacked = await unpackAll(
    { ...context, places: { ...context.places, oci: folder } },
    layers,
    options,
  )
  for (const digest of [
    ...manifest.layers.map((layer) => layer.digest),
    manifest.config.digest,
    image.digest,
  ])
    takeBlob(context.places, foreign, digest)
  for (const layer of unpacked) await settleTree(context, layer.folder, layer.diffId, layer.result)
  await nameWithDocuments(context, image, options.name, options.signal)
  return { digest: image.digest, stripped: unpacked.flatMap(({ result }) => result.stripped) }
}

interface ForeignLayer {
  readonly layer: Descriptor
  readonly diffId: Digest
}

/** Layers that another image has are not unpacked again. */
async function unpackAll(
  context: ImageContext,
  layers: readonly ForeignLayer[],
  options: ImportOptions,
): Promise<UnpackedLayer[]> {
  const privileged = options.stripPrivileged === true ? 'strip' : 'refuse'
  const done: UnpackedLayer[] = []
  try {
    for (const [at, { layer, diffId }] of layers.entries()) {
      options.signal?.throwIfAborted()
      const detail = `layer ${at + 1} of ${layers.length}`
      options.onProgress?.({ step: 'unpacking', detail, done: at, total: layers.length })
      const known = isWholeTree(context, diffId) || done.some((one) => one.diffId === diffId)
      if (!known) done.push(await unpackAside(context, layer, diffId, privileged))
    }
    return done
  } catch (error) {
    for (const { folder } of done) await discardTree(context, folder)
    throw error
  }
}

/** The layout's one image; of an index for several machines, the one for this. */
function chooseManifest(foreign: StorePlaces): Descriptor {
  const index = parseIndex(parseJson(readSmall(join(foreign.oci, 'index.json')), 'index.json'))
  let [candidates, depth] = [index.manifests, 0]
  while (candidates.length > 0 && depth++ < 3) {
    const fitting = candidates.find(
      (one) =>
        one.platform === undefined ||
        (one.platform.os === 'linux' && one.platform.architecture === architectureOf(process.arch)),
    )
    if (fitting === undefined) throw corrupt(`it has no manifest for linux/${architectureOf(process.arch)}`)
    if (!INDEX_TYPES.includes(fitting.mediaType))
      return { mediaType: MANIFEST_TYPE, digest: fitting.digest, size: fitting.size }
    candidates = parseIndex(readDocument(foreign, fitting.digest)).manifests
  }
  throw corrupt('its index leads to no manifest')
}

function takeBlob(places: StorePlaces, foreign: StorePlaces, digest: Digest): void {
  const target = blobPath(places, digest)
  if (existsSync(target)) return
  const temporary = temporaryPath(places, 'blob')
  linkSync(blobPath(foreign, digest), temporary)
  renameSync(temporary, target)
}
