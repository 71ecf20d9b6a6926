import { blobPath, type Descriptor, type Index, readDocument, type StorePlaces, writeBlob } from './layout.ts'
import { MANIFEST_TYPE } from './manifest.ts'
import type { Digest } from './types.ts'

/**
 * Documents about an image (lock file, bill of materials) are artifacts that refer to it by `subject` (OCI image-spec
 * 1.1 manifest.md, "Guidelines for Artifact Usage"), so that they change nothing of the image's own digest. The
 * store's index lists them beside the images; docs/decisions/009 says why so.
 */
export interface NewReferrer {
  readonly artifactType: string
  /** What a file of it would be called. */
  readonly title: string
  readonly text: string
}

/** In the index, so that the image is known without reading every artifact. The artifact's own `subject` says the same. */
const SUBJECT = 'org.glovebox.subject'
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json'

/** Writes the document and its manifest; the index is the caller's. */
export function writeReferrer(places: StorePlaces, subject: Descriptor, document: NewReferrer): Descriptor {
  const { artifactType, title, text } = document
  const manifest = writeBlob(
    places,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType,
      config: { mediaType: EMPTY_TYPE, ...writeBlob(places, '{}'), data: 'e30=' },
      layers: [
        {
          mediaType: artifactType,
          ...writeBlob(places, text),
          annotations: { 'org.opencontainers.image.title': title },
        },
      ],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    }),
  )
  return { mediaType: MANIFEST_TYPE, artifactType, ...manifest, annotations: { [SUBJECT]: subject.digest } }
}

const subjectOf = (referrer: Descriptor): string | undefined => referrer.annotations?.[SUBJECT]

export function referrersOf(index: Index, image: Digest): Descriptor[] {
  return index.referrers.filter((one) => subjectOf(one) === image)
}

/** Pure: the index with these in the place of all that the image had before. */
export function withReferrers(index: Index, image: Digest, referrers: readonly Descriptor[]): Index {
  const others = index.referrers.filter((one) => subjectOf(one) !== image)
  return { ...index, referrers: [...others, ...referrers] }
}

/** Pure: without the documents of images that are not listed any more. */
export function withoutOrphans(index: Index): Index {
  const there = new Set<string | undefined>(index.manifests.map((one) => one.digest))
  return { ...index, referrers: index.referrers.filter((one) => there.has(subjectOf(one))) }
}

/** The blobs of an artifact: its manifest, its empty configuration and the document. */
export function blobsOf(places: StorePlaces, referrer: Descriptor): Digest[] {
  const { config, layers } = readDocument(places, referrer.digest) as ArtifactManifest
  return [referrer.digest, config.digest, ...layers.map((layer) => layer.digest)]
}

/** Where the document itself lies. */
export function documentPath(places: StorePlaces, referrer: Descriptor): string {
  const [layer] = (readDocument(places, referrer.digest) as ArtifactManifest).layers
  return blobPath(places, (layer ?? referrer).digest)
}

/** Only artifacts of our own writing are listed; the digest holds what was written. */
interface ArtifactManifest {
  readonly config: { readonly digest: Digest }
  readonly layers: readonly { readonly digest: Digest }[]
}
