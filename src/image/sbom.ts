import type { InstalledPackage, OsRelease } from './packages.ts'

export interface SbomSubject {
  /** Name of the image. */
  readonly name: string
  /** What makes the document's namespace unique: a digest of what it describes. */
  readonly identity: string
  /** Seconds since the epoch; the mirror's date, so that the same build has the same document. */
  readonly createdSeconds: number
  readonly system: OsRelease | undefined
  readonly packages: readonly InstalledPackage[]
  /** Version of Glovebox. */
  readonly toolVersion: string
}

const IMAGE_ID = 'SPDXRef-Image'

/** The software of an image as an SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3), in JSON. */
export function spdxDocument(subject: SbomSubject): string {
  const packages = subject.packages.map((one, at) => spdxPackage(one, at, subject.system))
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: subject.name,
    documentNamespace: `urn:glovebox:sbom:${subject.identity}`,
    creationInfo: {
      created: new Date(subject.createdSeconds * 1000).toISOString().replace('.000Z', 'Z'),
      creators: [`Tool: glovebox-${subject.toolVersion}`],
    },
    packages: [
      {
        ...unasserted(IMAGE_ID, subject.name),
        primaryPackagePurpose: 'CONTAINER',
      },
      ...packages,
    ],
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

function spdxPackage(one: InstalledPackage, at: number, system: OsRelease | undefined) {
  return {
    ...unasserted(`SPDXRef-Package-${at + 1}-${one.name.replaceAll('+', '.')}`, one.name),
    versionInfo: one.version,
    supplier:
      one.maintainer === undefined ? 'NOASSERTION' : `Person: ${one.maintainer.replace(/<(.*)>$/, '($1)')}`,
    ...(one.homepage === undefined ? {} : { homepage: one.homepage }),
    sourceInfo: `built from source package ${one.source} ${one.sourceVersion}`,
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: packageUrl(one, system),
      },
    ],
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
