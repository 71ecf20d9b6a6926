import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, stat, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'
import { GloveboxError } from '../errors.ts'

/** What a copy out of a box may be at the most: the box writes the archive, and could write for ever. */
export interface CopyLimits {
  readonly maxBytes: number
  readonly maxEntries: number
  /** Bytes of all names together: they are kept in memory while the copy is made. */
  readonly maxAllNamesBytes: number
}
export const COPY_LIMITS: CopyLimits = {
  maxBytes: 64 * 2 ** 30,
  maxEntries: 1_000_000,
  maxAllNamesBytes: 256 * 2 ** 20,
}

function refuse(why: string, name?: string, details: Readonly<Record<string, unknown>> = {}): GloveboxError {
  return new GloveboxError({
    code: 'COPY_REFUSED',
    audience: 'box',
    message: `The copy is refused: ${name === undefined ? '' : `${JSON.stringify(name.slice(0, 200))} `}${why}.`,
    remedy:
      'Nothing was written to where you asked. The box may not be what it seems; copy single files, or look with: glovebox exec',
    details,
  })
}

/** Path below the copy's own folder: the box names its files, and must not name any other. */
function inside(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.startsWith('/') || parts.includes('..') || name.includes('\0') || parts.length === 0)
    throw refuse('is no name inside of the copy', name)
  if (Buffer.byteLength(name) > 4096 || parts.length > 255) throw refuse('is too long a name', name)
  return parts.join('/')
}

/**
 * A link that leads out of the copied tree would read or write the user's own files later on. It may climb only at its
 * beginning, where it still is in real folders of the copy: behind a name, which may be a link itself, `..` leads
 * elsewhere than it reads.
 */
function safeTarget(name: string, target: string): string {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.')
  const depth = name.split('/').length - 1
  const firstName = parts.findIndex((part) => part !== '..')
  const climbs = firstName < 0 ? parts.length : firstName
  /* Beside the top entry are the user's own files: a link that is the whole copy can only lead out of it. */
  const leaves = depth === 0 || (climbs > 0 && climbs >= depth)
  if (target === '' || target.startsWith('/') || target.includes('\0') || leaves) throw leadsOut(name, target)
  if (parts.slice(climbs).includes('..')) throw leadsOut(name, target)
  return target
}

function leadsOut(name: string, target: string): GloveboxError {
  const shown = JSON.stringify(target.slice(0, 200))
  return refuse(`is a symbolic link to ${shown}, which leads out of the copy`, name)
}

/**
 * Unpacks what a box sends into `destination`, a new name or an existing folder. It goes to a new folder beside it
 * first, which nobody else writes in, and is moved when it is whole: so a bad archive leaves nothing, and no link of it
 * is ever followed.
 *
 * @param name what the copy is called in an existing folder. It is the caller's word: were it the box's, a copy into a
 *   home could come as `.bashrc` (CVE-2019-6111 of scp was that)
 * @returns the path that was written
 * @throws GloveboxError COPY_REFUSED, COPY_IN_THE_WAY
 */
export async function unpackCopy(
  archive: Readable,
  destination: string,
  name: string,
  limits: CopyLimits = COPY_LIMITS,
): Promise<string> {
  const isFolder = await stat(destination).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const target = isFolder ? join(destination, name) : destination
  const staging = await mkdtemp(join(dirname(target), '.glovebox-copy-'))
  try {
    const top = await unpackInto(archive, staging, limits)
    await rename(join(staging, top), target).catch((error: NodeJS.ErrnoException) => {
      throw inTheWay(target, error)
    })
    return target
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

function inTheWay(target: string, cause: NodeJS.ErrnoException): Error {
  if (!['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR'].includes(cause.code ?? '')) return cause
  return new GloveboxError({
    code: 'COPY_IN_THE_WAY',
    audience: 'usage',
    message: `Cannot copy to ${target}: a folder, or a file where a folder is to be, is there already.`,
    remedy: 'Name another place, or take away what is there.',
    cause,
  })
}

function cannotWrite(cause: Error): GloveboxError {
  return new GloveboxError({
    code: 'COPY_FAILED',
    audience: 'host',
    message: `Cannot write the copy: ${cause.message}.`,
    remedy: 'Nothing was written to where you asked. Name another place, or make room there.',
    cause,
  })
}

/** What an archive has brought so far. */
interface Unpacked {
  readonly staging: string
  readonly kinds: Map<string, 'folder' | 'file' | 'link'>
  /** Modes that the folders get when they are full. */
  readonly modes: Map<string, number>
}

async function unpackInto(archive: Readable, staging: string, limits: CopyLimits): Promise<string> {
  const reader = extract()
  archive.once('error', (error) => reader.destroy(error))
  archive.pipe(reader)
  const made: Unpacked = { staging, kinds: new Map(), modes: new Map() }
  let [top, bytes, entries, nameBytes] = ['', 0, 0, 0]
  try {
    for await (const entry of reader) {
      const name = inside(entry.header.name)
      const first = name.split('/')[0] as string
      if (top !== '' && first !== top)
        throw refuse('is a second thing beside the one that was asked for', name)
      top = first
      bytes += entry.header.size ?? 0
      nameBytes += name.length
      if (++entries > limits.maxEntries || bytes > limits.maxBytes || nameBytes > limits.maxAllNamesBytes)
        throw refuse(`it has more than ${limits.maxBytes} bytes or ${limits.maxEntries} files`)
      await makeParents(made, name)
      await writeEntry(made, name, entry.header, entry as unknown as Readable)
      entry.resume()
    }
  } catch (error) {
    if (error instanceof GloveboxError) throw error
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw cannotWrite(error as Error)
    throw refuse(`it cannot be read as an archive (${(error as Error).message})`)
  }
  if (top === '') throw refuse('the box sent nothing', undefined, { empty: true })
  for (const [path, mode] of [...made.modes].reverse()) await chmod(path, mode)
  return top
}

/** Every folder on the way is one that this copy has made itself. */
async function makeParents(made: Unpacked, name: string): Promise<void> {
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const parent = name.slice(0, at)
    const kind = made.kinds.get(parent)
    if (kind === undefined) await makeFolder(made, parent, 0o755)
    else if (kind !== 'folder') throw refuse(`lies below a ${kind} of the same copy`, name)
  }
}

async function makeFolder(made: Unpacked, name: string, mode: number): Promise<void> {
  const path = join(made.staging, name)
  if (!made.kinds.has(name)) await mkdir(path, { mode: 0o700 })
  made.kinds.set(name, 'folder')
  made.modes.set(path, mode | 0o700)
}

async function writeEntry(made: Unpacked, name: string, header: Header, content: Readable): Promise<void> {
  const path = join(made.staging, name)
  const mode = (header.mode ?? 0o644) & 0o777
  const before = made.kinds.get(name)
  if (before !== undefined && (before !== 'folder' || header.type !== 'directory'))
    throw refuse('comes twice', name)
  switch (header.type) {
    case 'directory':
      return makeFolder(made, name, mode)
    case 'file':
      made.kinds.set(name, 'file')
      await pipeline(content, createWriteStream(path, { flags: 'wx', mode }))
      await utimes(path, header.mtime ?? new Date(), header.mtime ?? new Date())
      return
    case 'symlink':
      made.kinds.set(name, 'link')
      await symlink(safeTarget(name, header.linkname ?? ''), path)
      return
    default:
      throw refuse(
        `is a ${header.type ?? 'thing of an unknown kind'}, and only files, folders and links are copied`,
        name,
      )
  }
}
