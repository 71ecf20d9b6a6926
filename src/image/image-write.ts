import {
  type Descriptor,
  type Index,
  REF_NAME,
  readIndex,
  type StorePlaces,
  writeBlob,
  writeIndex,
} from './layout.ts'
import { withIndexLock } from './lock.ts'
import { CONFIG_TYPE, MANIFEST_TYPE } from './manifest.ts'
import type { Digest } from './types.ts'

export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'

/** A layer of an image: its descriptor, and the digest of its unpacked bytes. */
export interface ImageLayer {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  readonly createdBy: string
}

export interface NewImage {
  /** Lowest first. */
  readonly layers: readonly ImageLayer[]
  /** The `config` object of the image configuration (image-spec config.md). */
  readonly config: Readonly<Record<string, unknown>>
  readonly annotations: Readonly<Record<string, string>>
  readonly createdSeconds: number
}

/** Writes configuration and manifest; the same image has the same digest, on every machine. */
export function writeImage(places: StorePlaces, image: NewImage): Descriptor {
  const created = new Date(image.createdSeconds * 1000).toISOString().replace('.000Z', 'Z')
  const config = writeBlob(
    places,
    JSON.stringify({
      created,
      architecture: architectureOf(process.arch),
      os: 'linux',
      config: image.config,
      rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => layer.diffId) },
      history: image.layers.map((layer) => ({ created, created_by: layer.createdBy })),
    }),
  )
  const manifest = writeBlob(
    places,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: CONFIG_TYPE, ...config },
      layers: image.layers.map(({ descriptor: { mediaType, digest, size } }) => ({
        mediaType,
        digest,
        size,
      })),
      annotations: { ...image.annotations, 'org.opencontainers.image.created': created },
    }),
  )
  return { mediaType: MANIFEST_TYPE, ...manifest }
}

/** Go's names of architectures, which OCI uses. */
export function architectureOf(arch: string): string {
  return (
    {
      x64: 'amd64',
      arm64: 'arm64',
      arm: 'arm',
      ia32: '386',
      riscv64: 'riscv64',
      ppc64: 'ppc64le',
      s390x: 's390x',
    }[arch] ?? arch
  )
}

/** Gives the image its name; the one that had it before stays, without a name, for the boxes that were made of it. */
export async function nameImage(places: StorePlaces, image: Descriptor, name: string): Promise<void> {
  await withIndexLock(places, () => writeIndex(places, named(readIndex(places), image, name)))
}

/** Pure: the index after the name was given. No image is listed twice without a name. */
export function named(index: Index, image: Descriptor, name: string): Index {
  const { mediaType, digest, size } = image
  const others = index.manifests.filter((one) => one.annotations?.[REF_NAME] !== name)
  const displaced = index.manifests.filter((one) => one.annotations?.[REF_NAME] === name)
  const isThere = (wanted: Digest): boolean =>
    wanted === digest || others.some((one) => one.digest === wanted)
  const unnamed = displaced.filter((one) => !isThere(one.digest)).map(({ annotations, ...one }) => one)
  const kept = others.filter((one) => one.digest !== digest || one.annotations?.[REF_NAME] !== undefined)
  return {
    ...index,
    manifests: [...kept, ...unnamed, { mediaType, digest, size, annotations: { [REF_NAME]: name } }],
  }
}
