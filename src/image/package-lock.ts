import { GloveboxError } from '../errors.ts'
import type { InstalledPackage } from './packages.ts'

/** Kept beside an image, and as RECIPE.lock.json beside a recipe: what exactly it was built from. */
export interface PackageLock {
  readonly version: 1
  /** Name of the image or recipe. */
  readonly name: string
  /** Sources and what they held: the digest of each signed InRelease file. */
  readonly sources: readonly LockedSource[]
  /** By name and architecture, in that order. */
  readonly packages: readonly LockedPackage[]
  /** Software from files beside the recipes, lowest recipe first. */
  readonly vendor: readonly LockedVendor[]
}

export interface LockedSource {
  readonly url: string
  readonly suite: string
  /** sha256 of the InRelease file, 64 hex digits. */
  readonly inRelease: string
  /** The Date field of the file, in seconds since the epoch. */
  readonly dateSeconds: number
}

export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
}

export interface LockedVendor {
  readonly name: string
  readonly kind: 'deb' | 'appimage' | 'tarball'
  /** Of the file, 64 hex digits. */
  readonly sha256: string
}

/** @param sources in the order of the apt configuration */
export function makeLock(
  name: string,
  sources: readonly LockedSource[],
  installed: readonly InstalledPackage[],
  vendor: readonly LockedVendor[] = [],
): PackageLock {
  const packages = installed.map((one) => ({
    name: one.name,
    version: one.version,
    architecture: one.architecture,
  }))
  /* What a label of an image has beside it (components) is none of the lock's. */
  const held = sources.map(({ url, suite, inRelease, dateSeconds }) => ({
    url,
    suite,
    inRelease,
    dateSeconds,
  }))
  return { version: 1, name, sources: held, packages, vendor }
}

/** One package a line, so that a lock under version control shows what an update changed. */
export function formatLock(lock: PackageLock): string {
  const list = (items: readonly unknown[]): string =>
    items.length === 0 ? '[]' : `[\n${items.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
  const fields = [
    `"version": ${lock.version}`,
    `"name": ${JSON.stringify(lock.name)}`,
    `"sources": ${list(lock.sources)}`,
    `"packages": ${list(lock.packages)}`,
    `"vendor": ${list(lock.vendor)}`,
  ]
  return `{\n${fields.map((field) => `  ${field}`).join(',\n')}\n}\n`
}

/** @throws GloveboxError LOCK_INVALID */
export function parseLock(text: string, fileName: string): PackageLock {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(fileName, `it is not JSON (${(cause as Error).message})`)
  }
  const { version, name, sources, packages, vendor = [] } = (value ?? {}) as Record<string, unknown>
  if (version !== 1) throw invalid(fileName, 'its version is not 1')
  if (typeof name !== 'string' || !Array.isArray(sources) || !Array.isArray(packages))
    throw invalid(fileName, 'it has no name, sources or packages')
  if (!sources.every(isSource))
    throw invalid(fileName, 'a source in it lacks its url, suite, inRelease or dateSeconds')
  const wrong = packages.findIndex((one) => !isPackage(one))
  if (wrong >= 0)
    throw invalid(fileName, `package number ${wrong + 1} in it lacks a sound name, version or architecture`)
  if (!Array.isArray(vendor) || !vendor.every(isLockedVendor))
    throw invalid(fileName, 'a vendor file in it lacks its name, kind or sha256')
  return { version, name, sources, packages, vendor }
}

/* Both end up in apt's preferences file: nothing but these letters may. */
const isPackage = (value: unknown): value is LockedPackage => {
  const { name, version, architecture } = (value ?? {}) as Record<string, unknown>
  return (
    /^[a-z0-9][a-z0-9+.-]*$/.test(String(name)) &&
    /^[A-Za-z0-9.+~:-]+$/.test(String(version)) &&
    /^[a-z0-9][a-z0-9-]*$/.test(String(architecture))
  )
}

export const isLockedVendor = (value: unknown): value is LockedVendor => {
  const { name, kind, sha256 } = (value ?? {}) as Record<string, unknown>
  return (
    /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,254}$/.test(String(name)) &&
    ['deb', 'appimage', 'tarball'].includes(String(kind)) &&
    /^[0-9a-f]{64}$/.test(String(sha256))
  )
}

const isSource = (value: unknown): value is LockedSource => {
  const { url, suite, inRelease, dateSeconds } = (value ?? {}) as Record<string, unknown>
  return (
    typeof url === 'string' &&
    typeof suite === 'string' &&
    /^[0-9a-f]{64}$/.test(String(inRelease)) &&
    Number.isSafeInteger(dateSeconds)
  )
}

function invalid(fileName: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'LOCK_INVALID',
    audience: 'usage',
    message: `Cannot use the lock file ${fileName}: ${why}.`,
    remedy: 'Build the image without --locked once and write the lock file anew.',
  })
}

/** apt_preferences(5): a priority above 1000 takes the version even where that is a downgrade. */
export function aptPreferences(lock: PackageLock): string {
  const stanza = ({ name, version, architecture }: LockedPackage): string =>
    `Package: ${architecture === 'all' ? name : `${name}:${architecture}`}\nPin: version ${version}\nPin-Priority: 1001\n`
  return lock.packages.map(stanza).join('\n')
}

/** A package or vendor file that is not the locked one; absent on the side that does not have it. */
export interface LockDifference {
  readonly name: string
  /** Of a package; for a vendor file, its kind. */
  readonly architecture: string
  /** Version of a package, sha256 of a vendor file. */
  readonly locked?: string
  readonly found?: string
}

/** What a lock says of an image, apart from where it came from. */
export type LockedContent = Pick<PackageLock, 'packages' | 'vendor'>

export function compareWithLock(lock: LockedContent, found: LockedContent): LockDifference[] {
  const locked = contentOf(lock)
  const there = contentOf(found)
  return [...new Set([...locked.keys(), ...there.keys()])].sort().flatMap((key): LockDifference[] => {
    const [a, b] = [locked.get(key), there.get(key)]
    const one = a ?? b
    if (one === undefined || a?.is === b?.is) return []
    const { name, architecture } = one
    return [
      {
        ...{ name, architecture },
        ...(a === undefined ? {} : { locked: a.is }),
        ...(b === undefined ? {} : { found: b.is }),
      },
    ]
  })
}

interface Content {
  readonly name: string
  readonly architecture: string
  readonly is: string
}

function contentOf({ packages, vendor }: LockedContent): Map<string, Content> {
  const all: Content[] = [
    ...packages.map(({ name, architecture, version }) => ({ name, architecture, is: version })),
    ...vendor.map(({ name, kind, sha256 }) => ({ name, architecture: kind, is: sha256 })),
  ]
  return new Map(all.map((one) => [`${one.name}:${one.architecture}`, one]))
}

/** @throws GloveboxError LOCK_DIFFERS, which names each package that differs */
export function requireLocked(lock: PackageLock, lockFile: string, found: LockedContent): void {
  const differences = compareWithLock(lock, found)
  if (differences.length === 0) return
  const lines = differences.map(
    (one) =>
      `  ${one.name} (${one.architecture}): locked ${one.locked ?? 'nothing'}, found ${one.found ?? 'nothing'}`,
  )
  const count = lines.length === 1 ? 'one package differs' : `${lines.length} packages differ`
  throw new GloveboxError({
    code: 'LOCK_DIFFERS',
    audience: 'image',
    message: `Cannot build ${lock.name} as locked: ${count} from ${lockFile}:\n${lines.join('\n')}`,
    remedy:
      'Build from a mirror that has the locked versions, or build without --locked, which writes the lock file anew.',
    details: { differences },
  })
}
