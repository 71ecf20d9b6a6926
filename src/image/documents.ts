import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { VERSION } from '../host/build-info.ts'
import { sourcesIn, vendorIn } from './image-config.ts'
import { named } from './image-write.ts'
import { type Descriptor, readDocument, readIndex, writeIndex } from './layout.ts'
import { withIndexLock } from './lock.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { formatLock, makeLock, type PackageLock, parseLock } from './package-lock.ts'
import { documentPath, type NewReferrer, referrersOf, withReferrers, writeReferrer } from './referrers.ts'
import { treeFolder } from './resolve.ts'
import { spdxDocument } from './sbom.ts'
import { readSoftware } from './software.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** What is kept beside an image: its lock file, and its bill of materials in SPDX. */
export type DocumentKind = 'lock' | 'sbom'

const TYPES: Readonly<Record<DocumentKind, string>> = {
  lock: 'application/vnd.glovebox.lock.v1+json',
  /* IANA, media type of SPDX in JSON. */
  sbom: 'application/spdx+json',
}

/**
 * Gives an image its name, and its documents at the same moment: made from what the image itself says (dpkg's list of
 * packages, and the labels that its build has left), so they are the same wherever the image comes from, and whoever
 * imports it need not trust those of somebody else.
 */
export async function nameWithDocuments(
  context: ImageContext,
  image: Descriptor,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  await nameDescribed(context, image, name, await describeImage(context, image, name, signal))
}

export async function nameDescribed(
  { places }: ImageContext,
  image: Descriptor,
  name: string,
  { referrers }: Described,
): Promise<void> {
  await withIndexLock(places, () =>
    writeIndex(places, withReferrers(named(readIndex(places), image, name), image.digest, referrers)),
  )
}

/** Makes the documents of an image that is there anew. */
export async function renewDocuments(context: ImageContext, image: Descriptor, name: string): Promise<void> {
  const { places } = context
  const { referrers } = await describeImage(context, image, name)
  await withIndexLock(places, () =>
    writeIndex(places, withReferrers(readIndex(places), image.digest, referrers)),
  )
}

/** The documents of an image, written but not listed yet; none where it has no list of packages. */
export interface Described {
  readonly lock: PackageLock | undefined
  readonly referrers: readonly Descriptor[]
}

export async function describeImage(
  context: ImageContext,
  image: Descriptor,
  name: string,
  signal?: AbortSignal,
): Promise<Described> {
  const { places } = context
  const manifest = parseManifest(readDocument(places, image.digest))
  const { config, diffIds, created } = parseConfig(readDocument(places, manifest.config.digest))
  const trees = diffIds.map((diffId) => join(treeFolder(places, diffId), 'root')).reverse()
  const software = trees.length === 0 ? undefined : await readSoftware(context, trees, signal)
  if (software === undefined) return { lock: undefined, referrers: [] }
  const title = manifest.annotations['org.opencontainers.image.title'] ?? name
  const vendor = vendorIn(config)
  const lock = makeLock(title, sourcesIn(config), software.packages, vendor)
  const sbom = {
    name: title,
    image: image.digest,
    createdSeconds: Math.max(0, Math.floor((Date.parse(created ?? '') || 0) / 1000)),
    ...software,
    vendor,
    toolVersion: VERSION,
  }
  const documents: NewReferrer[] = [
    { artifactType: TYPES.lock, title: `${fileName(title)}.lock.json`, text: formatLock(lock) },
    { artifactType: TYPES.sbom, title: `${fileName(title)}.spdx.json`, text: spdxDocument(sbom) },
  ]
  return { lock, referrers: documents.map((document) => writeReferrer(places, image, document)) }
}

const fileName = (title: string): string => title.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 100)

/** The text of a document; undefined where the image has none. */
export function documentText(context: ImageContext, image: Digest, kind: DocumentKind): string | undefined {
  const { places } = context
  const referrer = referrersOf(readIndex(places), image).find((one) => one.artifactType === TYPES[kind])
  return referrer === undefined ? undefined : readFileSync(documentPath(places, referrer), 'utf8')
}

/** @throws GloveboxError IMAGE_WITHOUT_PACKAGES */
export function requireDocumentText(context: ImageContext, image: Digest, kind: DocumentKind): string {
  const text = documentText(context, image, kind)
  if (text !== undefined) return text
  throw new GloveboxError({
    code: 'IMAGE_WITHOUT_PACKAGES',
    audience: 'image',
    message: `Cannot show the ${kind === 'lock' ? 'lock file' : 'bill of materials'} of ${image}: it has no list of Debian packages to make one of.`,
    remedy: 'Where it was imported by an older Glovebox, try: glovebox image verify --repair',
  })
}

export function lockOf(context: ImageContext, image: Digest): PackageLock | undefined {
  const text = documentText(context, image, 'lock')
  return text === undefined ? undefined : parseLock(text, `of the image ${image}`)
}
