import { createHash } from 'node:crypto'
import type { LockedVendor } from './package-lock.ts'
import type { InstalledPackage, OsRelease } from './packages.ts'
import type { Digest } from './types.ts'

export interface SbomSubject {
  /** Name of the image. */
  readonly name: string
  /** Digest of the image that the document describes. */
  readonly image: Digest
  /** Seconds since the epoch; the image's date, so that the same image has the same document. */
  readonly createdSeconds: number
  readonly system: OsRelease | undefined
  readonly packages: readonly InstalledPackage[]
  readonly vendor: readonly LockedVendor[]
  /** Version of Glovebox. */
  readonly toolVersion: string
}

const IMAGE_ID = 'SPDXRef-Image'

/** The software of an image as an SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3), in JSON. */
export function spdxDocument(subject: SbomSubject): string {
  /* A .deb is in dpkg's list already. */
  const files = subject.vendor.filter(({ kind }) => kind !== 'deb')
  const packages = [
    ...subject.packages.map((one, at) => debianPackage(one, at, subject.system)),
    ...files.map(vendorPackage),
  ]
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.name,
    documentNamespace: namespaceOf(subject),
    creationInfo: {
      created: new Date(subject.createdSeconds * 1000).toISOString().replace('.000Z', 'Z'),
      creators: [`Tool: glovebox-${subject.toolVersion}`],
    },
    packages: [imagePackage(subject), ...packages],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: IMAGE_ID },
      ...packages.map((one) => ({
        spdxElementId: IMAGE_ID,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: one.SPDXID,
      })),
    ],
  }
  return `${JSON.stringify(document, null, 1)}\n`
}

/** Another document has another namespace (SPDX 6.5): a UUID of version 8 (RFC 9562) of all that makes it another one. */
function namespaceOf({ name, image, toolVersion }: SbomSubject): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([name, image, toolVersion]))
    .digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`]
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`
}

function imagePackage({ name, image }: SbomSubject) {
  return {
    ...unasserted(IMAGE_ID, name),
    versionInfo: image,
    primaryPackagePurpose: 'CONTAINER',
    externalRefs: [packageReference(`pkg:oci/${encodeURIComponent(name)}@${encodeURIComponent(image)}`)],
  }
}

function vendorPackage({ name, kind, sha256 }: LockedVendor, at: number) {
  return {
    ...unasserted(`SPDXRef-Vendor-${at + 1}-${name.replaceAll(/[^A-Za-z0-9.-]/g, '.')}`, name),
    checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
    sourceInfo: `from a file beside the recipe (${kind})`,
  }
}

const packageReference = (locator: string) => ({
  referenceCategory: 'PACKAGE-MANAGER',
  referenceType: 'purl',
  referenceLocator: locator,
})

/** What only a person who read the sources could say is not asserted. */
function unasserted(id: string, name: string) {
  return {
    SPDXID: id,
    name,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
  }
}

function debianPackage(one: InstalledPackage, at: number, system: OsRelease | undefined) {
  return {
    ...unasserted(`SPDXRef-Package-${at + 1}-${one.name.replaceAll('+', '.')}`, one.name),
    versionInfo: one.version,
    supplier:
      one.maintainer === undefined ? 'NOASSERTION' : `Person: ${one.maintainer.replace(/<(.*)>$/, '($1)')}`,
    ...(one.homepage === undefined ? {} : { homepage: one.homepage }),
    sourceInfo: `built from source package ${one.source} ${one.sourceVersion}`,
    externalRefs: [packageReference(packageUrl(one, system))],
  }
}

/** pkg:deb/… (package-url/purl-spec, types/deb): what vulnerability scanners look packages up by. */
export function packageUrl(one: InstalledPackage, system: OsRelease | undefined): string {
  const version = encodeURIComponent(one.version).replaceAll('%3A', ':')
  const distro =
    system?.codename ?? (system?.versionId === undefined ? undefined : `${system.id}-${system.versionId}`)
  const qualifiers = [`arch=${one.architecture}`, ...(distro === undefined ? [] : [`distro=${distro}`])]
  return `pkg:deb/${system?.id ?? 'debian'}/${encodeURIComponent(one.name)}@${version}?${qualifiers.join('&')}`
}
