import { LAYER_TYPE, nameImage, writeImage } from '../../src/image/image-write.ts'
import { blobPath, digestOf, initStore, writeAtomically } from '../../src/image/layout.ts'
import { ownerOfIds } from '../../src/image/owner.ts'
import { resolveImage } from '../../src/image/resolve.ts'
import type { ResolvedImage } from '../../src/image/types.ts'
import { type ImageContext, unpackLayer } from '../../src/image/unpack.ts'
import { type RawEntry, tarBytes } from '../image/tar-bytes.ts'

/** Makes an image of hand-written layers, the lowest first, and unpacks it. */
export async function imageOfLayers(
  context: ImageContext,
  name: string,
  layers: readonly (readonly RawEntry[])[],
): Promise<ResolvedImage> {
  const { places } = context
  initStore(places)
  const stored = []
  for (const entries of layers) {
    const bytes = tarBytes(entries)
    const digest = digestOf(bytes)
    writeAtomically(places, blobPath(places, digest), bytes)
    const descriptor = { mediaType: LAYER_TYPE, digest, size: bytes.length }
    await unpackLayer(context, descriptor, digest, 'strip')
    stored.push({ descriptor, diffId: digest, createdBy: 'test' })
  }
  const image = writeImage(places, { layers: stored, config: {}, annotations: {}, createdSeconds: 0 })
  await nameImage(places, image, name)
  return resolveImage(places, name, ownerOfIds(context.ids))
}
