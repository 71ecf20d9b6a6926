import { type ImageLayer, LAYER_TYPE } from './image-write.ts'
import type { StoredLayer } from './layer-write.ts'

/** The descriptor of a stored layer, with what made it. */
export function layerOf(layer: StoredLayer, createdBy: string): ImageLayer {
  const descriptor = { mediaType: LAYER_TYPE, digest: layer.diffId, size: layer.sizeBytes }
  return { descriptor, diffId: layer.diffId, createdBy: `glovebox: ${createdBy}` }
}
