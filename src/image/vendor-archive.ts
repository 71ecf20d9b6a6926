import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { GloveboxError } from '../errors.ts'
import { checkSquashfs, HEAD_BYTES, MAGIC_BYTES, squashfsOffset } from './appimage.ts'
import { ignorePipe } from './archive-streams.ts'
import { temporaryPath } from './layout.ts'
import { lastWords, linesOf } from './tool-output.ts'
import type { ImageContext } from './unpack.ts'

/** Reads a vendor's archive as a plain tar; `use` gets its bytes, unchecked. */
export type WithTar = <T>(use: (tar: Readable) => Promise<T>) => Promise<T>

/** @throws GloveboxError VENDOR_UNREADABLE, TOOL_MISSING */
export async function tarballOf(context: ImageContext, path: string, signal?: AbortSignal): Promise<WithTar> {
  const magic = (await readAt(path, 0, 6)).toString('hex')
  if (magic.startsWith('1f8b')) return (use) => use(unpacked(path, createGunzip()))
  if (magic.startsWith('28b52ffd')) return (use) => use(unpacked(path, createZstdDecompress()))
  if (magic === 'fd377a585a00') {
    const tool = requireTool('xz', 'xz-utils', path)
    return (use) => fromTool(context, { path, argv: [tool, '--decompress', '--stdout'], signal }, use)
  }
  return (use) => use(createReadStream(path))
}

function unpacked(path: string, unpacker: ReturnType<typeof createGunzip>): Readable {
  const file = createReadStream(path)
  file.once('error', (error) => unpacker.destroy(error))
  return file.pipe(unpacker)
}

/**
 * The files of an AppImage, by sqfs2tar(1) in a job: neither FUSE nor the AppImage's own program is needed.
 *
 * @throws GloveboxError VENDOR_APPIMAGE, VENDOR_UNREADABLE, TOOL_MISSING
 */
export async function appImageOf(
  context: ImageContext,
  path: string,
  signal?: AbortSignal,
): Promise<WithTar> {
  const tool = requireTool('sqfs2tar', 'squashfs-tools-ng', path)
  const offset = squashfsOffset(await readAt(path, 0, HEAD_BYTES), statSync(path).size, process.arch, path)
  checkSquashfs(await readAt(path, offset, MAGIC_BYTES), path)
  return async (use) => {
    const inner = temporaryPath(context.places, 'squashfs')
    try {
      await pipeline(createReadStream(path, { start: offset }), createWriteStream(inner, { flags: 'wx' }))
      const argv = [tool, '--no-skip', '--no-hard-links', INNER] as const
      return await fromTool(context, { path, argv, inner, signal }, use)
    } finally {
      rmSync(inner, { force: true })
    }
  }
}

const INNER = '/box/squashfs'

interface ToolRun {
  /** The vendor's file: what errors speak of, and the tool's input unless `inner` is. */
  readonly path: string
  readonly argv: readonly [string, ...string[]]
  /** A file that the tool finds as {@link INNER}. */
  readonly inner?: string
  readonly signal: AbortSignal | undefined
}

/** What a tool makes of the file, in a job without anything else. */
async function fromTool<T>(
  context: ImageContext,
  { path, argv, inner, signal }: ToolRun,
  use: (tar: Readable) => Promise<T>,
): Promise<T> {
  const words: string[] = []
  let result: { readonly value: T } | undefined
  const { exitCode } = await context.runJob(
    {
      ids: context.ids,
      mounts: inner === undefined ? [] : [{ kind: 'ro', source: inner, target: INNER }],
      network: 'none',
      argv,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    },
    [inner === undefined ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    async ({ stdin, stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      const feed = stdin === null ? undefined : pipeline(createReadStream(path), stdin).catch(ignorePipe)
      const [value] = await Promise.all([use(stdout), feed, linesOf(stderr, (line) => words.push(line))])
      result = { value }
    },
    signal,
  )
  signal?.throwIfAborted()
  if (exitCode !== 0 || result === undefined) throw unreadable(path, lastWords(words))
  return result.value
}

/** Fewer bytes where the file ends before. */
async function readAt(path: string, at: number, bytes: number): Promise<Buffer> {
  const handle = await open(path).catch((error: Error) => Promise.reject(unreadable(path, error.message)))
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, at)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Jobs see the host's /usr and /bin. */
function requireTool(name: string, debianPackage: string, path: string): string {
  const found = [`/usr/bin/${name}`, `/bin/${name}`].find((one) => existsSync(one))
  if (found !== undefined) return found
  throw new GloveboxError({
    code: 'TOOL_MISSING',
    audience: 'host',
    message: `Cannot unpack ${path}: ${name} is not installed.`,
    remedy: `Install it with: sudo apt-get install ${debianPackage}`,
  })
}

function unreadable(path: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'VENDOR_UNREADABLE',
    audience: 'usage',
    message: `Cannot unpack ${path}: ${why.replace(/\.$/, '')}.`,
    remedy: 'See that the download is whole.',
  })
}
