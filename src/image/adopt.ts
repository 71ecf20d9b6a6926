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
import { type ImageContext, unpackLayer } from './unpack.ts'

const INDEX_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

/**
 * Takes one image of a foreign OCI layout into the store: its documents are checked, its layers unpacked by the rules,
 * and only then is it named. Blobs come in by hard link; one that is refused is gone with the foreign folder.
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
  const stripped: string[] = []
  for (const [at, layer] of manifest.layers.entries()) {
    const diffId = config.diffIds[at] as Digest
    options.onProgress?.({
      step: 'unpacking',
      detail: `layer ${at + 1} of ${manifest.layers.length}`,
      done: at,
      total: manifest.layers.length,
    })
    if (!isWholeTree(context, diffId)) {
      const from: ImageContext = { ...context, places: { ...context.places, oci: folder } }
      const result = await unpackLayer(
        from,
        layer,
        diffId,
        options.stripPrivileged === true ? 'strip' : 'refuse',
      )
      stripped.push(...result.stripped)
    }
  }
  for (const digest of [
    ...manifest.layers.map((layer) => layer.digest),
    manifest.config.digest,
    image.digest,
  ])
    takeBlob(context.places, foreign, digest)
  await nameWithDocuments(context, image, options.name, options.signal)
  return { digest: image.digest, stripped }
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
