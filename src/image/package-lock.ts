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

/** @param sources in the order of the apt configuration */
export function makeLock(
  name: string,
  sources: readonly LockedSource[],
  installed: readonly InstalledPackage[],
): PackageLock {
  const packages = installed.map((one) => ({
    name: one.name,
    version: one.version,
    architecture: one.architecture,
  }))
  return { version: 1, name, sources, packages }
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
  const { version, name, sources, packages } = (value ?? {}) as Record<string, unknown>
  if (version !== 1) throw invalid(fileName, 'its version is not 1')
  if (typeof name !== 'string' || !Array.isArray(sources) || !Array.isArray(packages))
    throw invalid(fileName, 'it has no name, sources or packages')
  if (!sources.every(isSource))
    throw invalid(fileName, 'a source in it lacks its url, suite, inRelease or dateSeconds')
  const wrong = packages.findIndex((one) => !isPackage(one))
  if (wrong >= 0)
    throw invalid(fileName, `package number ${wrong + 1} in it lacks a sound name, version or architecture`)
  return { version, name, sources, packages }
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

/** A package whose version is not the locked one; absent on the side that does not have it. */
export interface LockDifference {
  readonly name: string
  readonly architecture: string
  readonly locked?: string
  readonly found?: string
}

export function compareWithLock(lock: PackageLock, found: readonly LockedPackage[]): LockDifference[] {
  const key = (one: LockedPackage): string => `${one.name}:${one.architecture}`
  const locked = new Map(lock.packages.map((one) => [key(one), one]))
  const there = new Map(found.map((one) => [key(one), one]))
  return [...new Set([...locked.keys(), ...there.keys()])].sort().flatMap((name): LockDifference[] => {
    const [a, b] = [locked.get(name), there.get(name)]
    const one = a ?? b
    if (one === undefined || a?.version === b?.version) return []
    return [
      {
        name: one.name,
        architecture: one.architecture,
        ...(a === undefined ? {} : { locked: a.version }),
        ...(b === undefined ? {} : { found: b.version }),
      },
    ]
  })
}

/** @throws GloveboxError LOCK_DIFFERS, which names each package that differs */
export function requireLocked(lock: PackageLock, found: readonly LockedPackage[]): void {
  const differences = compareWithLock(lock, found)
  if (differences.length === 0) return
  const lines = differences.map(
    (one) =>
      `  ${one.name} (${one.architecture}): locked ${one.locked ?? 'nothing'}, found ${one.found ?? 'nothing'}`,
  )
  throw new GloveboxError({
    code: 'LOCK_DIFFERS',
    audience: 'image',
    message: `Cannot build ${lock.name} as locked: ${differences.length} packages differ from the lock file.\n${lines.join('\n')}`,
    remedy:
      'Build from the mirror state that the lock names, or build without --locked and write the lock anew.',
    details: { differences },
  })
}
