import { createWriteStream } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, rename, rm, symlink, utimes } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Header } from 'tar-stream'
import { GloveboxError } from '../errors.ts'

/** What a copy out of a box may be at the most: the box writes the archive, and could write for ever. */
export interface CopyLimits {
  readonly maxBytes: number
  readonly maxEntries: number
}
export const COPY_LIMITS: CopyLimits = { maxBytes: 64 * 2 ** 30, maxEntries: 1_000_000 }

function refuse(why: string, name?: string): GloveboxError {
  return new GloveboxError({
    code: 'COPY_REFUSED',
    audience: 'box',
    message: `The copy is refused: ${name === undefined ? '' : `${JSON.stringify(name.slice(0, 200))} `}${why}.`,
    remedy:
      'Nothing was written to where you asked. The box may not be what it seems; copy single files, or look with: glovebox exec',
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

/** A link that leads out of the copied tree would read or write the user's own files later on. */
function safeTarget(name: string, target: string): string {
  const landing = normalize(join(dirname(name), target))
  if (target.startsWith('/') || landing === '..' || landing.startsWith('../') || target.includes('\0'))
    throw refuse(
      `is a symbolic link to ${JSON.stringify(target.slice(0, 200))}, which leads out of the copy`,
      name,
    )
  return target
}

/**
 * Unpacks what a box sends into `destination`. It goes to a new folder beside it first, which nobody else writes in,
 * and is moved when it is whole: so a bad archive leaves nothing, and no link of it is ever followed.
 *
 * @returns the path that was written
 * @throws GloveboxError COPY_REFUSED
 */
export async function unpackCopy(
  archive: Readable,
  destination: string,
  limits: CopyLimits = COPY_LIMITS,
): Promise<string> {
  const isFolder = await lstat(destination).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
  const parent = isFolder ? destination : dirname(destination)
  const staging = await mkdtemp(join(parent, '.glovebox-copy-'))
  try {
    const top = await unpackInto(archive, staging, limits)
    const target = isFolder ? join(destination, basename(top)) : destination
    await rename(join(staging, top), target)
    return target
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function unpackInto(archive: Readable, staging: string, limits: CopyLimits): Promise<string> {
  const reader = extract()
  archive.once('error', (error) => reader.destroy(error))
  archive.pipe(reader)
  const links = new Set<string>()
  const folders: { path: string; mode: number }[] = []
  let [top, bytes, entries] = ['', 0, 0]
  for await (const entry of reader) {
    const name = inside(entry.header.name)
    const first = name.split('/')[0] as string
    if (top !== '' && first !== top) throw refuse('is a second thing beside the one that was asked for', name)
    top = first
    bytes += entry.header.size ?? 0
    if (++entries > limits.maxEntries || bytes > limits.maxBytes)
      throw refuse(`it has more than ${limits.maxBytes} bytes or ${limits.maxEntries} files`)
    if (parents(name).some((parent) => links.has(parent)))
      throw refuse('lies below a symbolic link of the same copy', name)
    await writeEntry(join(staging, name), name, entry.header, entry as unknown as Readable, links, folders)
    entry.resume()
  }
  if (top === '') throw refuse('the box sent nothing')
  for (const { path, mode } of folders.reverse()) await chmod(path, mode)
  return top
}

function parents(name: string): string[] {
  const parts = name.split('/')
  return parts.slice(0, -1).map((_part, at) => parts.slice(0, at + 1).join('/'))
}

async function writeEntry(
  path: string,
  name: string,
  header: Header,
  content: Readable,
  links: Set<string>,
  folders: { path: string; mode: number }[],
): Promise<void> {
  const mode = (header.mode ?? 0o644) & 0o777
  switch (header.type) {
    case 'directory':
      await mkdir(path, { recursive: true, mode: 0o700 })
      folders.push({ path, mode: mode | 0o700 })
      return
    case 'file':
      await pipeline(content, createWriteStream(path, { flags: 'wx', mode }))
      await utimes(path, header.mtime ?? new Date(), header.mtime ?? new Date())
      return
    case 'symlink':
      await symlink(safeTarget(name, header.linkname ?? ''), path)
      links.add(name)
      return
    default:
      throw refuse(
        `is a ${header.type ?? 'thing of an unknown kind'}, and only files, folders and links are copied`,
        name,
      )
  }
}
