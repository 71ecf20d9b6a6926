import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { firstCause } from './archive-streams.ts'
import { blobPath, temporaryPath } from './layout.ts'
import { filterTar } from './tar-filter.ts'
import type { FilterResult, FilterRules } from './tar-types.ts'
import type { Digest } from './types.ts'
import { discardTree, extractTree, type ImageContext, settleTree } from './unpack.ts'

/** A layer of ours is stored as it is unpacked, so its digest is its diff id, whatever version of a packer a host has. */
export interface StoredLayer {
  readonly diffId: Digest
  readonly sizeBytes: number
  readonly result: FilterResult
}

/**
 * Makes a layer of a tar archive, in one pass: filters it, hashes it, writes its blob and unpacks its tree at the
 * same time.
 *
 * @throws GloveboxError ARCHIVE_*, IMAGE_INVALID; whatever the input failed with. Nothing is kept then.
 */
export async function storeLayer(
  context: ImageContext,
  input: Readable,
  rules: FilterRules,
): Promise<StoredLayer> {
  const folder = temporaryPath(context.places, 'tree')
  const temporary = temporaryPath(context.places, 'blob')
  /* Read at once: when a process ends, Node throws away what it has written and nobody reads yet. */
  const first = filterTar(input, rules)
  const handle = await open(temporary, 'wx', 0o600).catch((error: Error) => {
    input.destroy()
    throw error
  })
  const tap = new BlobTap(handle)
  const flow = pipeline(Readable.from(first.output), new Gather(), tap)
  flow.catch(() => undefined)
  const forTree = treeForm(tap, rules)
  const extracted = extractTree(context, forTree.archive, folder)
  try {
    const [result] = await Promise.all([forTree.result ?? first.result, extracted, first.result, flow])
    const diffId = tap.digest()
    await handle.sync()
    const stored = {
      diffId,
      sizeBytes: tap.bytes,
      result: { ...result, stripped: (await first.result).stripped },
    }
    const path = blobPath(context.places, diffId)
    if (existsSync(path)) rmSync(temporary)
    else renameSync(temporary, path)
    await settleTree(context, folder, diffId, result)
    return stored
  } catch (error) {
    input.destroy()
    tap.destroy(error as Error)
    const cause = await firstCause([first.result, forTree.result, extracted, Promise.reject(error), flow])
    rmSync(temporary, { force: true })
    await discardTree(context, folder)
    throw cause
  } finally {
    await handle.close()
  }
}

/** A layer of an overlayfs folder has whiteouts, which a tree holds in another form: it is filtered back. */
function treeForm(
  layer: Readable,
  rules: FilterRules,
): { archive: Readable; result?: Promise<FilterResult> } {
  if (rules.direction === 'whole') return { archive: layer }
  const { limits, keep } = rules
  const back = filterTar(layer, {
    limits,
    privileged: 'refuse',
    direction: 'layer',
    ...(keep === undefined ? {} : { keep }),
  })
  return { archive: Readable.from(back.output), result: back.result }
}

const GATHERED_BYTES = 256 * 1024

/** An archive of small files is many small pieces; writing each alone would cost more than the copying. */
class Gather extends Transform {
  #chunks: Buffer[] = []
  #bytes = 0

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < GATHERED_BYTES) done()
    else done(null, this.#take())
  }

  override _flush(done: (error?: Error | null, data?: Buffer) => void): void {
    done(null, this.#take())
  }

  #take(): Buffer {
    const all = Buffer.concat(this.#chunks, this.#bytes)
    this.#chunks = []
    this.#bytes = 0
    return all
  }
}

/** Writes what flows by to a file, and hashes it. */
class BlobTap extends Transform {
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  bytes = 0

  constructor(handle: FileHandle) {
    super()
    this.#handle = handle
  }

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error: Error | null, data?: Buffer) => void,
  ): void {
    this.#hash.update(chunk)
    this.bytes += chunk.length
    this.#handle.appendFile(chunk).then(
      () => done(null, chunk),
      (error: Error) => done(error),
    )
  }

  digest(): Digest {
    return `sha256:${this.#hash.digest('hex')}` as Digest
  }
}
