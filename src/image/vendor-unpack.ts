import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GloveboxError } from '../errors.ts'
import { launcherOf } from './appimage.ts'
import { BombGuard, firstCause, ignorePipe } from './archive-streams.ts'
import { addFiles, benchJob, type NewFile, stepFailed, type Workbench } from './customize.ts'
import { ROOTFS } from './job-root.ts'
import type { VendorPackage } from './recipe-types.ts'
import { filterTar } from './tar-filter.ts'
import type { FilterRules, IncomingEntry } from './tar-types.ts'
import { linesOf } from './tool-output.ts'
import { appImageOf, tarballOf } from './vendor-archive.ts'

/** Vendor software that is unpacked, not installed by a package manager. */
export type VendorArchive = Exclude<VendorPackage, { readonly deb: unknown }>

/**
 * Unpacks a vendor's archive to /opt/NAME and puts its program into /usr/local/bin. Nothing of the vendor's runs here;
 * what an image has no room for (set-user-id files, devices, names that climb out) is refused by its name.
 *
 * @param path the file, absolute
 * @throws GloveboxError ARCHIVE_*, VENDOR_*, TOOL_MISSING
 */
export async function unpackVendor(bench: Workbench, vendor: VendorArchive, path: string): Promise<void> {
  const { context, signal } = bench
  const isAppImage = 'appimage' in vendor
  const withTar = isAppImage
    ? await appImageOf(context, path, signal)
    : await tarballOf(context, path, signal)
  const wanted = isAppImage ? 'AppRun' : vendor.link
  const found = new Map<string, IncomingEntry>()
  const adjust = (entry: IncomingEntry): IncomingEntry => {
    const name = entry.name.replace(/^(\.\/)+/, '')
    if (name === wanted) found.set(name, entry)
    return forEveryone(entry)
  }
  await withTar((tar) => place(bench, vendor.name, { tar, packedBytes: statSync(path).size, adjust })).catch(
    (error: unknown) => Promise.reject(withFile(error, path)),
  )
  if (wanted !== undefined && !isProgram(found.get(wanted))) throw noProgram(path, wanted)
  await addFiles(bench, filesOf(vendor))
}

function filesOf(vendor: VendorArchive): NewFile[] {
  const { name } = vendor
  const root = { uid: 0, gid: 0, mode: 0o755 }
  const folder: NewFile = { ...root, path: `opt/${name}`, from: 'folder' }
  if ('appimage' in vendor)
    return [folder, { ...root, path: `usr/local/bin/${name}`, from: { content: launcherOf(name) } }]
  if (vendor.link === undefined) return [folder]
  const link = { link: `/opt/${name}/${vendor.link}` }
  return [folder, { ...root, path: `usr/local/bin/${basename(vendor.link)}`, from: link }]
}

/** The owner and the modes are those of the machine that packed it; here it is root's, and everybody may read and run it. */
function forEveryone(entry: IncomingEntry): IncomingEntry {
  const mode = entry.mode ?? 0o644
  const readable = mode | 0o444 | ((mode & 0o100) === 0 && entry.type !== 'directory' ? 0 : 0o111)
  return { ...entry, uid: 0, gid: 0, mode: readable & ~0o022 }
}

function isProgram(entry: IncomingEntry | undefined): boolean {
  if (entry === undefined) return false
  return (
    entry.type === 'symlink' ||
    entry.type === 'link' ||
    (entry.type === 'file' && ((entry.mode ?? 0) & 0o111) !== 0)
  )
}

interface Archive {
  readonly tar: Readable
  readonly packedBytes: number
  readonly adjust: NonNullable<FilterRules['adjust']>
}

async function place(bench: Workbench, name: string, { tar, packedBytes, adjust }: Archive): Promise<void> {
  const { limits } = bench.context
  const guard = new BombGuard({ bytes: packedBytes }, limits)
  const flow = pipeline(tar, guard)
  flow.catch(() => undefined)
  const { output, result } = filterTar(guard, { limits, privileged: 'refuse', direction: 'whole', adjust })
  const extracted = extract(bench, name, Readable.from(output))
  try {
    await Promise.all([result, extracted, flow])
  } catch (error) {
    tar.destroy()
    throw await firstCause([result, extracted, Promise.reject(error), flow])
  }
}

async function extract(bench: Workbench, name: string, archive: Readable): Promise<void> {
  const words: string[] = []
  const job = benchJob(bench, {
    argv: [
      '/bin/tar',
      '--extract',
      '--file=-',
      `--directory=${ROOTFS}`,
      /* Targets of symbolic links stay as they are; a NAME has no letter that this expression knows. */
      `--transform=s,^,opt/${name}/,rhS`,
      '--numeric-owner',
      '--same-owner',
      '--same-permissions',
      '--delay-directory-restore',
    ],
    env: { PATH: '/usr/bin:/bin' },
    network: 'none',
    mounts: [],
  })
  const { exitCode } = await bench.context.runJob(
    job,
    ['pipe', 'ignore', 'pipe'],
    async ({ stdin, stderr }) => {
      if (stdin === null || stderr === null) return
      const feed = pipeline(archive, stdin).catch(ignorePipe)
      await Promise.all([feed, linesOf(stderr, (line) => words.push(line))])
    },
    bench.signal,
  )
  bench.signal?.throwIfAborted()
  if (exitCode !== 0) throw stepFailed(`unpack the vendor software ${name}`, words)
}

/** A refusal that names the file of the recipe, and not only the entry in it. */
function withFile(error: unknown, path: string): unknown {
  if (!(error instanceof GloveboxError) || !error.code.startsWith('ARCHIVE_')) return error
  const { code, audience, message, details } = error
  return new GloveboxError({
    code,
    audience,
    message: `Cannot put ${path} into the image. ${message}`,
    remedy: 'Ask its vendor for a plain one, or look into it and repack it without that entry.',
    details: { ...details, file: path },
    cause: error,
  })
}

function noProgram(path: string, wanted: string): GloveboxError {
  return new GloveboxError({
    code: 'VENDOR_NO_PROGRAM',
    audience: 'usage',
    message: `Cannot link ${wanted} of ${path}: it has no program of this name.`,
    remedy: 'Name a program as `tar -tf` lists it; an AppImage has AppRun at its top.',
  })
}
