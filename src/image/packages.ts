/** One installed Debian package, as the image's own /var/lib/dpkg/status has it. */
export interface InstalledPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Source package and its version, where they differ from the package's own (deb-src-control(5)). */
  readonly source: string
  readonly sourceVersion: string
  readonly maintainer?: string
  readonly homepage?: string
}

/** What /etc/os-release says (os-release(5)); an image without it is of no known system. */
export interface OsRelease {
  readonly id: string
  readonly versionId?: string
  readonly codename?: string
}

/** A Debian archive has some 70,000 packages; an image that claims more lies. */
const MAX_PACKAGES = 100_000
/* Debian policy 5.6.1 and 5.6.12, and dpkg's architecture names. */
const NAME = /^[a-z0-9][a-z0-9+.-]{0,254}$/
const VERSION = /^[A-Za-z0-9.+~:-]{1,255}$/
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]{0,62}$/

/**
 * Reads dpkg's status file (deb822(5)): installed packages only, by name and architecture, in that order. The file
 * comes from an image, which may be hostile: what does not have its form is left out, as dpkg itself would.
 */
export function parseDpkgStatus(text: string): InstalledPackage[] {
  const packages = new Map<string, InstalledPackage>()
  for (const stanza of text.split(/\n(?:[ \t]*\n)+/)) {
    const one = packageOf(fieldsOf(stanza))
    if (one !== undefined && packages.size < MAX_PACKAGES)
      packages.set(`${one.name}:${one.architecture}`, one)
  }
  return [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/** First lines only: no field that is wanted is folded. */
function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of stanza.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !/^[\s#]/.test(line))
      fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return fields
}

function packageOf(fields: ReadonlyMap<string, string>): InstalledPackage | undefined {
  const [name = '', version = '', architecture = ''] = ['package', 'version', 'architecture'].map((one) =>
    fields.get(one),
  )
  /* "install ok installed": want, error flag, state (dpkg(1), PACKAGE STATES). */
  if (fields.get('status')?.split(/\s+/)[2] !== 'installed') return undefined
  if (!NAME.test(name) || !VERSION.test(version) || !ARCHITECTURE.test(architecture)) return undefined
  const [, source = name, sourceVersion = version] =
    /^(\S+)(?:\s+\((\S+)\))?$/.exec(fields.get('source') ?? '') ?? []
  const maintainer = plain(fields.get('maintainer'))
  const homepage = plain(fields.get('homepage'))
  return {
    name,
    version,
    architecture,
    source: NAME.test(source) ? source : name,
    sourceVersion: VERSION.test(sourceVersion) ? sourceVersion : version,
    ...(maintainer === undefined ? {} : { maintainer }),
    ...(homepage !== undefined && /^https?:\/\/\S+$/.test(homepage) ? { homepage } : {}),
  }
}

/** Text for people, without what could move a terminal's cursor. */
function plain(text: string | undefined): string | undefined {
  const clean = text?.replace(/\p{Cc}/gu, '').slice(0, 500)
  return clean === '' ? undefined : clean
}

/** @returns undefined where the text names no system */
export function parseOsRelease(text: string): OsRelease | undefined {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Z_]+)=["']?([A-Za-z0-9._-]{1,100})["']?\s*$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) values.set(name, value)
  }
  const [id, versionId, codename] = ['ID', 'VERSION_ID', 'VERSION_CODENAME'].map((name) => values.get(name))
  if (id === undefined) return undefined
  return {
    id,
    ...(versionId === undefined ? {} : { versionId }),
    ...(codename === undefined ? {} : { codename }),
  }
}
