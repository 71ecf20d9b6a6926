import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_TYPE, MANIFEST_TYPE } from '../../src/image/manifest.ts'

const TAR = 'application/vnd.oci.image.layer.v1.tar'
export const GZIP = `${TAR}+gzip`

/** A layer as an attacker would write it; what is left out is the truth. */
export interface RawLayer {
  readonly bytes: Buffer
  readonly mediaType?: string
  /** Unpacked bytes, where `bytes` are packed. */
  readonly plain?: Buffer
  readonly digest?: string
  readonly size?: number
  readonly diffId?: string
}

export interface RawLayout {
  readonly layers: readonly RawLayer[]
  readonly config?: unknown
  readonly manifest?: Readonly<Record<string, unknown>>
  readonly index?: unknown
}

export const sha256 = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Writes an OCI layout (image-spec image-layout.md) with one image, `image`; nothing is checked here. */
export function writeLayout(folder: string, layout: RawLayout): void {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (bytes: Buffer | string, digest = sha256(bytes)): { digest: string; size: number } => {
    writeFileSync(join(blobs, digest.replace('sha256:', '')), bytes)
    return { digest, size: Buffer.byteLength(bytes) }
  }
  const config = {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['/bin/true'] },
    rootfs: {
      type: 'layers',
      diff_ids: layout.layers.map((one) => one.diffId ?? sha256(one.plain ?? one.bytes)),
    },
    ...((layout.config ?? {}) as object),
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: CONFIG_TYPE, ...put(JSON.stringify(config)) },
    layers: layout.layers.map((one) => {
      const stored = put(one.bytes, one.digest)
      return {
        mediaType: one.mediaType ?? TAR,
        ...stored,
        ...(one.size === undefined ? {} : { size: one.size }),
      }
    }),
    ...layout.manifest,
  }
  const image = { mediaType: MANIFEST_TYPE, ...put(JSON.stringify(manifest)) }
  const annotations = { 'org.opencontainers.image.ref.name': 'image' }
  const index = layout.index ?? { schemaVersion: 2, manifests: [{ ...image, annotations }] }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index))
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
}
