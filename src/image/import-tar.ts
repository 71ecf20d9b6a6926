import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { spawnTool } from '../host/spawn.ts'
import { BombGuard, decompressor, firstCause, Meter } from './archive-streams.ts'
import { corrupt } from './layout.ts'
import type { ArchiveLimits } from './tar-path.ts'

/** How packed archives begin (RFC 1952, RFC 8878, and the .xz file format, 2.1.1.1). */
const MAGIC = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a585a00'],
] as const

/**
 * Opens an archive of any packing, known by its first bytes and not by its name. A bomb is refused while it unpacks.
 *
 * @throws GloveboxError IMAGE_INVALID, ARCHIVE_BOMB, and what `use` throws
 */
export async function withArchive<T>(
  path: string,
  limits: ArchiveLimits,
  use: (archive: Readable) => Promise<T>,
): Promise<T> {
  const packing = await packingOf(path)
  const packed = new Meter()
  const archive = new BombGuard(packed, limits)
  const source = createReadStream(path)
  const unpackers = packing === 'gzip' || packing === 'zstd' ? decompressor(packing) : []
  const stages = [source, packed, ...unpackers, archive] as const
  const flow =
    packing === 'xz'
      ? unpackXz(source, packed, archive)
      : pipeline(stages as unknown as [NodeJS.ReadableStream, NodeJS.ReadWriteStream])
  flow.catch(() => undefined)
  try {
    const used = await use(archive)
    archive.resume()
    await flow
    return used
  } catch (error) {
    source.destroy()
    archive.destroy()
    throw await firstCause([Promise.reject(error), flow])
  }
}

async function packingOf(path: string): Promise<(typeof MAGIC)[number][0] | 'none'> {
  await using file = await open(path)
  const start = (await file.read(Buffer.alloc(6), 0, 6, 0)).buffer.toString('hex')
  return MAGIC.find(([, magic]) => start.startsWith(magic))?.[0] ?? 'none'
}

/** xz(1), whose memory is bounded here: an archive may ask for 4 GiB. */
async function unpackXz(source: Readable, packed: Meter, archive: BombGuard): Promise<void> {
  const { exitCode, stderr } = await spawnTool(['xz', '--decompress', '--stdout', '--memlimit=512MiB'], {
    stdin: 'pipe',
    use: async ({ stdin, stdout }) => {
      if (stdin === null || stdout === null) return
      await Promise.all([pipeline(source, packed, stdin), pipeline(stdout, archive)])
    },
  })
  if (exitCode !== 0) throw corrupt(`xz cannot unpack it: ${stderr.trim().slice(0, 200)}`)
}
