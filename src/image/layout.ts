import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { crypto } from '../host/lazy.ts'
import { randomHex } from '../host/random.ts'
import type { Digest } from './types.ts'

/** Places of a store: a standard OCI image layout, the unpacked layers beside it, and what is being made. */
export interface StorePlaces {
  readonly root: string
  readonly oci: string
  readonly trees: string
  /** Read-only disks of images, and what else is made of images for virtual machines. */
  readonly disks: string
  /** Files that recipes name by URL, each under its sha256. */
  readonly downloads: string
  /** OCI runtimes that were taken out of tools images. */
  readonly runtimes: string
  readonly temporary: string
}

export const storePlaces = (root: string): StorePlaces => ({
  root,
  oci: `${root}/oci`,
  trees: `${root}/trees/sha256`,
  disks: `${root}/disks`,
  downloads: `${root}/downloads`,
  runtimes: `${root}/runtimes`,
  temporary: `${root}/tmp`,
})

/** OCI image-spec descriptor.md. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string }
  /** What a manifest that is no image holds. */
  readonly artifactType?: string
}

export interface Index {
  readonly schemaVersion: 2
  /** Images. */
  readonly manifests: readonly Descriptor[]
  /** Documents about images: in the file they stand among the manifests, with an artifact type (referrers.ts). */
  readonly referrers: readonly Descriptor[]
}

/** The annotation under which an index names an image (image-spec annotations.md). */
export const REF_NAME = 'org.opencontainers.image.ref.name'

/** The name of an image in an index. */
export const imageName = (image: Descriptor): string | undefined => image.annotations?.[REF_NAME]

const DIGEST = /^sha256:[0-9a-f]{64}$/
export const isDigest = (text: string): text is Digest => DIGEST.test(text)
export const hexOf = (digest: Digest): string => digest.slice('sha256:'.length)
export const digestOf = (bytes: string | Uint8Array): Digest =>
  `sha256:${crypto().createHash('sha256').update(bytes).digest('hex')}` as Digest

export function blobPath(places: StorePlaces, digest: Digest): string {
  if (!isDigest(digest)) throw corrupt(`"${String(digest).slice(0, 80)}" is no sha256 digest`)
  return `${places.oci}/blobs/sha256/${hexOf(digest)}`
}

export function corrupt(why: string): GloveboxError {
  return new GloveboxError({
    code: 'IMAGE_INVALID',
    audience: 'image',
    message: `Cannot use the image: ${why}.`,
    remedy: 'Check the store with: glovebox image verify   or build or import the image again.',
  })
}

/** Makes the folders of a new store; all of it is the user's alone. */
export function initStore(places: StorePlaces): void {
  const layout = join(places.oci, 'oci-layout')
  if (existsSync(layout)) return
  for (const dir of [places.root, join(places.oci, 'blobs', 'sha256'), places.trees, places.temporary])
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeAtomically(places, layout, '{"imageLayoutVersion":"1.0.0"}')
}

/** A fresh name below the store's own temporary folder; gc removes what a kill leaves there. */
export function temporaryPath(places: StorePlaces, what: string): string {
  return join(places.temporary, `${what}-${process.pid}-${randomHex(6)}`)
}

/** The file is either the old one or the whole new one, also after a crash: rename(2) after fsync(2). */
export function writeAtomically(places: StorePlaces, path: string, bytes: string | Uint8Array): void {
  const temporary = temporaryPath(places, 'file')
  const fd = openSync(temporary, 'wx', 0o600)
  try {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    for (let at = 0; at < buffer.length; ) at += writeSync(fd, buffer, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
}

export function writeBlob(places: StorePlaces, bytes: string): { digest: Digest; size: number } {
  const digest = digestOf(bytes)
  const path = blobPath(places, digest)
  if (!existsSync(path)) writeAtomically(places, path, bytes)
  return { digest, size: Buffer.byteLength(bytes) }
}

/** Documents, not layers: manifests and configurations of hostile images are bounded. */
export const MAX_DOCUMENT_BYTES = 4 * 2 ** 20

/** @throws GloveboxError IMAGE_INVALID where the blob is missing, too large, or not what its digest says */
export function readDocument(places: StorePlaces, digest: Digest): unknown {
  const bytes = readSmall(blobPath(places, digest))
  if (digestOf(bytes) !== digest)
    throw corrupt(`the blob ${digest} does not have the content that its digest names`)
  return parseJson(bytes, digest)
}

/**
 * A document of our own store on the way of every start, where hashing would cost more than reading: what came in was
 * held against its digest then, the store is the user's alone, and `image verify` holds it again.
 */
export function readStored(places: StorePlaces, digest: Digest): unknown {
  return parseJson(readSmall(blobPath(places, digest)), digest)
}

export function readSmall(path: string): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw corrupt(
      `the blob ${path.slice(path.lastIndexOf('/') + 1)} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    )
  }
  if (bytes.length > MAX_DOCUMENT_BYTES)
    throw corrupt(`a document of ${bytes.length} bytes is more than the ${MAX_DOCUMENT_BYTES} allowed`)
  return bytes
}

export function parseJson(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw corrupt(`${what} is not JSON`)
  }
}

export function readIndex(places: StorePlaces): Index {
  const path = `${places.oci}/index.json`
  if (!existsSync(path)) return { schemaVersion: 2, manifests: [], referrers: [] }
  return parseIndex(parseJson(readSmall(path), 'index.json'))
}

export function parseIndex(value: unknown): Index {
  const manifests = (value as { manifests?: unknown } | null)?.manifests
  if (!Array.isArray(manifests) || manifests.length > 10_000) throw corrupt('its index lists no manifests')
  const all = manifests.map(parseDescriptor)
  return {
    schemaVersion: 2,
    manifests: all.filter((one) => one.artifactType === undefined),
    referrers: all.filter((one) => one.artifactType !== undefined),
  }
}

export function parseDescriptor(value: unknown): Descriptor {
  const { mediaType, digest, size, annotations, platform, artifactType } = (value ?? {}) as Record<
    string,
    unknown
  >
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || !isDigest(digest))
    throw corrupt('a descriptor has no media type or sha256 digest')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw corrupt('a descriptor has no size')
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(isTexts(annotations) ? { annotations } : {}),
    ...(isTexts(platform) ? { platform: platform as NonNullable<Descriptor['platform']> } : {}),
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => typeof one === 'string')
  )
}

export function writeIndex(places: StorePlaces, index: Index): void {
  const document = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [...index.manifests, ...index.referrers],
  }
  writeAtomically(places, join(places.oci, 'index.json'), JSON.stringify(document))
}

export function ensureFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
}

export function writePlain(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 })
}
