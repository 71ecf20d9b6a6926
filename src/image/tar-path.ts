import { GloveboxError } from '../errors.ts'

/** What a hostile archive may cost at the most. */
export interface ArchiveLimits {
  readonly maxEntries: number
  /** Bytes of all files, unpacked. */
  readonly maxBytes: number
  /** Unpacked over packed, once more than a bomb's worth is unpacked (see `ratioFromBytes`). */
  readonly maxRatio: number
  readonly ratioFromBytes: number
  readonly maxNameBytes: number
  /** Bytes of all names together: they are kept in memory while an archive is read. */
  readonly maxAllNamesBytes: number
  readonly maxDepth: number
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  maxEntries: 2_000_000,
  maxBytes: 32 * 2 ** 30,
  /* Ordinary layers shrink 2 to 6 times; gzip can reach 1032. */
  maxRatio: 200,
  ratioFromBytes: 64 * 2 ** 20,
  maxNameBytes: 4096,
  maxAllNamesBytes: 256 * 2 ** 20,
  maxDepth: 255,
}

/** A refused archive: what is wrong, and with which entry. Names are quoted, as they come from the archive. */
export function refused(code: string, why: string, entry?: string, remedy?: string): GloveboxError {
  return new GloveboxError({
    code,
    audience: 'image',
    message: `The archive is refused: ${entry === undefined ? '' : `its entry ${JSON.stringify(entry.slice(0, 200))} `}${why}.`,
    remedy: remedy ?? 'Do not trust where it came from; nothing of it was kept.',
    ...(entry === undefined ? {} : { details: { entry } }),
  })
}

/**
 * The entry's path below the root, without `./` and trailing slashes; the root itself is the empty text.
 *
 * @throws GloveboxError ARCHIVE_PATH for absolute names, `..`, NUL bytes and what is too long or too deep
 */
export function safePath(name: string, limits: ArchiveLimits): string {
  if (Buffer.byteLength(name) > limits.maxNameBytes)
    throw refused('ARCHIVE_PATH', `has a name longer than ${limits.maxNameBytes} bytes`, name)
  if (name.startsWith('/')) throw refused('ARCHIVE_PATH', 'has an absolute name', name)
  if (name.includes('\0')) throw refused('ARCHIVE_PATH', 'has a NUL byte in its name', name)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw refused('ARCHIVE_PATH', 'has ".." in its name', name)
  if (parts.length > limits.maxDepth)
    throw refused('ARCHIVE_PATH', `is deeper than ${limits.maxDepth} folders`, name)
  return parts.join('/')
}

/** Folders that the jail mounts on: as anything but a folder they would lead the runtime elsewhere (CVE-2025-31133, CVE-2021-30465). */
const MOUNT_POINTS = new Set([
  'dev',
  'proc',
  'sys',
  'run',
  'etc',
  'dev/pts',
  'dev/shm',
  'dev/mqueue',
  'run/user',
  'run/glovebox',
])

/** `whiteout` hides what a lower layer has; the same layer may put something else in its place. */
export type EntryKind = 'file' | 'directory' | 'symlink' | 'whiteout'

/** Remembers a layer's entries, so that no name can pass through a link or a file of the same archive. */
export class EntryTable {
  readonly #kinds = new Map<string, EntryKind>()

  kindOf(path: string): EntryKind | undefined {
    return this.#kinds.get(path)
  }

  /** @throws GloveboxError ARCHIVE_LINK, ARCHIVE_MOUNT_POINT, ARCHIVE_DUPLICATE */
  add(path: string, kind: EntryKind): void {
    this.#checkParents(path)
    if ((kind === 'file' || kind === 'symlink') && MOUNT_POINTS.has(path))
      throw refused('ARCHIVE_MOUNT_POINT', `is a ${kind}, but a box mounts its own folder there`, path)
    const before = this.#kinds.get(path)
    if (before !== undefined && before !== 'whiteout' && (before !== kind || kind === 'symlink'))
      throw refused('ARCHIVE_DUPLICATE', `comes twice, as a ${before} and as a ${kind}`, path)
    this.#kinds.set(path, kind)
  }

  /** @throws GloveboxError ARCHIVE_LINK where the target is not a file that came before in this layer */
  checkHardlink(path: string, target: string): void {
    this.#checkParents(target)
    const kind = this.#kinds.get(target)
    if (kind !== 'file')
      throw refused(
        'ARCHIVE_LINK',
        `is a hard link to ${JSON.stringify(target.slice(0, 200))}, which is no file of this layer`,
        path,
      )
  }

  #checkParents(path: string): void {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const kind = this.#kinds.get(path.slice(0, at))
      if (kind !== undefined && kind !== 'directory')
        throw refused(
          'ARCHIVE_LINK',
          `lies below ${JSON.stringify(path.slice(0, at))}, which is a ${kind}`,
          path,
        )
    }
  }
}
