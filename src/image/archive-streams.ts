import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { GloveboxError } from '../errors.ts'
import { corrupt } from './layout.ts'
import type { Compression } from './manifest.ts'
import { type ArchiveLimits, refused } from './tar-path.ts'
import type { Digest } from './types.ts'

/** Hashes and counts what flows by. */
export class Meter extends Transform {
  readonly #hash = createHash('sha256')
  bytes = 0

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.#hash.update(chunk)
    this.bytes += chunk.length
    done(null, chunk)
  }

  digest(): Digest {
    return `sha256:${this.#hash.digest('hex')}` as Digest
  }
}

/** Refuses a decompression bomb while it goes off, not after. */
export class BombGuard extends Transform {
  readonly #packed: { readonly bytes: number }
  readonly #limits: ArchiveLimits
  #bytes = 0

  /** @param packed how many bytes the archive has, or as many of it as were read so far */
  constructor(packed: { readonly bytes: number }, limits: ArchiveLimits) {
    super()
    this.#packed = packed
    this.#limits = limits
  }

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error: Error | null, chunk?: Buffer) => void,
  ): void {
    this.#bytes += chunk.length
    const { maxBytes, maxRatio, ratioFromBytes } = this.#limits
    const bomb = this.#bytes > ratioFromBytes && this.#bytes > maxRatio * Math.max(this.#packed.bytes, 1)
    /* Headers and padding come on top of the files' bytes, which the filter counts exactly. */
    if (bomb || this.#bytes > maxBytes * 2)
      done(
        refused(
          'ARCHIVE_BOMB',
          `it unpacks to more than ${maxRatio} times its size, or to more than an image may have`,
        ),
      )
    else done(null, chunk)
  }
}

export function decompressor(compression: Compression): Transform[] {
  return compression === 'gzip' ? [createGunzip()] : compression === 'zstd' ? [createZstdDecompress()] : []
}

/** A tool that has given up closes its end; its own words say why better than the broken pipe. */
export function ignorePipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
}

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Of all that failed at once, the refusal that names the entry says most; a stream that broke under it only says so. */
export async function firstCause(failed: readonly (Promise<unknown> | undefined)[]): Promise<unknown> {
  const causes = await Promise.all(failed.map((one) => outcome(one ?? Promise.resolve())))
  const ours = causes.filter((one) => one instanceof GloveboxError)
  const first = causes.find((one) => one instanceof Error) as NodeJS.ErrnoException | undefined
  const named = ours.find((one) => one.code !== 'ARCHIVE_BROKEN') ?? ours[0]
  const full = causes.find((one) => NO_ROOM.includes((one as NodeJS.ErrnoException | undefined)?.code ?? ''))
  if (full !== undefined || NO_ROOM_WORDS.test(named?.message ?? '')) return diskFull(full ?? named)
  return named ?? corrupt(`a layer is cut short or damaged (${first?.message})`)
}

/** A disk, a quota or a bound on files (ulimit -f) that is full; and the same in tar's words. */
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG']
const NO_ROOM_WORDS = /No space left on device|Disk quota exceeded|File too large/

function diskFull(cause: unknown): GloveboxError {
  return new GloveboxError({
    code: 'DISK_FULL',
    audience: 'host',
    message:
      'Cannot write the image: the disk of the image store is full, or your share of it. Nothing of it was kept.',
    remedy: 'Free some space, for one with: glovebox gc',
    cause,
  })
}
