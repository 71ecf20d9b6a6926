import { chmodSync, createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RunJob } from '../host/holder.ts'
import type { HolderJob, IdMaps } from '../host/types.ts'
import { BombGuard, decompressor, firstCause, ignorePipe, Meter } from './archive-streams.ts'
import { blobPath, corrupt, type Descriptor, type StorePlaces, temporaryPath, writePlain } from './layout.ts'
import { compressionOf } from './manifest.ts'
import { type TreeRecord, treeFolder } from './resolve.ts'
import { filterTar } from './tar-filter.ts'
import type { ArchiveLimits } from './tar-path.ts'
import type { FilterResult } from './tar-types.ts'
import type { Digest } from './types.ts'

/** What the image room works with: where its store is, whose ids its trees have, and who runs its tools. */
export interface ImageContext {
  readonly places: StorePlaces
  readonly ids: IdMaps
  readonly runJob: RunJob
  readonly limits: ArchiveLimits
}

export function ownerOf(ids: IdMaps): TreeRecord['owner'] {
  return [ids.uids[0]?.outside ?? 0, ids.gids[0]?.outside ?? 0]
}

/** tar(1) in a job: its root holds the host's programs, read-only, and `folder`; the archive cannot leave it. */
export function tarJob(context: ImageContext, folder: string, transform = 's,^,root/,rhS'): HolderJob {
  return {
    ids: context.ids,
    mounts: [{ kind: 'rw', source: folder, target: '/box/tree' }],
    network: 'none',
    argv: [
      '/bin/tar',
      '--extract',
      '--file=-',
      '--directory=/box/tree',
      /* The top folder is made by the job, so that it belongs to its ids; targets of symbolic links stay as they are. */
      `--transform=${transform}`,
      '--numeric-owner',
      '--same-owner',
      '--same-permissions',
      '--delay-directory-restore',
      '--xattrs',
      '--xattrs-include=user.overlay.*',
      '--warning=no-timestamp',
    ],
    env: { PATH: '/usr/bin:/bin' },
  }
}

/** Feeds a checked archive to a tree's job; returns when the tree is whole. */
export async function extractTree(context: ImageContext, archive: Readable, folder: string): Promise<void> {
  mkdirSync(folder, { mode: 0o700 })
  /* The subordinate root makes `root` in it; nobody else gets that far, as the store above is the user's alone. */
  chmodSync(folder, 0o777)
  await feedTar(context, tarJob(context, folder), archive)
}

/** @throws GloveboxError IMAGE_INVALID with tar's own words */
export async function feedTar(context: ImageContext, job: HolderJob, archive: Readable): Promise<void> {
  const words: Buffer[] = []
  const { exitCode } = await context.runJob(job, ['pipe', 'ignore', 'pipe'], async ({ stdin, stderr }) => {
    stderr?.on('data', (chunk: Buffer) => words.length < 64 && words.push(chunk))
    /* tar(1) that has given up closes its end; its own words say why better than EPIPE. */
    if (stdin !== null)
      await pipeline(archive, stdin).catch((error: NodeJS.ErrnoException) => ignorePipe(error))
  })
  if (exitCode !== 0)
    throw corrupt(
      `tar could not unpack a layer: ${Buffer.concat(words).toString('utf8').trim().slice(0, 600) || `it ended with code ${exitCode}`}`,
    )
}

/** Puts a finished tree in its place; another process may have been quicker, and its tree is as good. */
export async function settleTree(
  context: ImageContext,
  folder: string,
  diffId: Digest,
  result: FilterResult,
): Promise<void> {
  const record: TreeRecord = {
    version: 1,
    diffId,
    owner: ownerOf(context.ids),
    entries: result.entries,
    bytes: result.bytes,
    ...(result.passwd === undefined ? {} : { passwd: result.passwd }),
    ...(result.group === undefined ? {} : { group: result.group }),
  }
  writePlain(join(folder, 'tree.json'), JSON.stringify(record))
  const target = treeFolder(context.places, diffId)
  try {
    renameSync(folder, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    await discardTree(context, folder)
  }
}

/** Removes a folder of the store whose content belongs to subordinate ids. */
export async function discardTree(context: ImageContext, folder: string): Promise<void> {
  if (!existsSync(folder)) return
  await context.runJob(
    {
      ids: context.ids,
      mounts: [{ kind: 'rw', source: folder, target: '/box/tree' }],
      network: 'none',
      argv: ['/usr/bin/find', '/box/tree', '-xdev', '-mindepth', '1', '-delete'],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'ignore', 'ignore'],
  )
  rmSync(folder, { recursive: true, force: true })
}

/** A layer that is unpacked and has passed every check, but is not in its place yet. */
export interface UnpackedLayer {
  readonly diffId: Digest
  /** Where it lies, to be settled or discarded. */
  readonly folder: string
  readonly result: FilterResult
}

/**
 * Unpacks one layer of the store beside its place: bytes are checked against the layer's digest, the archive against
 * the rules, the unpacked bytes against the diff id, all in one pass; of a layer that fails any of it nothing is kept.
 *
 * @throws GloveboxError IMAGE_INVALID, ARCHIVE_*, DISK_FULL
 */
export async function unpackAside(
  context: ImageContext,
  layer: Descriptor,
  diffId: Digest,
  privileged: 'refuse' | 'strip',
): Promise<UnpackedLayer> {
  const folder = temporaryPath(context.places, 'tree')
  const packed = new Meter()
  const plain = new Meter()
  const guard = new BombGuard(packed, context.limits)
  const source = createReadStream(blobPath(context.places, layer.digest))
  const stages = [source, packed, ...decompressor(compressionOf(layer)), guard, plain] as const
  const flow = pipeline(stages as unknown as [NodeJS.ReadableStream, NodeJS.ReadWriteStream])
  flow.catch(() => undefined)
  const { output, result } = filterTar(plain, { limits: context.limits, privileged, direction: 'layer' })
  try {
    const [filtered] = await Promise.all([result, extractTree(context, Readable.from(output), folder)])
    await drained(plain, flow)
    if (packed.bytes !== layer.size || packed.digest() !== layer.digest)
      throw corrupt(`a layer's content is not what its digest ${layer.digest} names`)
    if (plain.digest() !== diffId)
      throw corrupt(`a layer unpacks to something else than its diff id ${diffId} names`)
    return { diffId, folder, result: filtered }
  } catch (error) {
    source.destroy()
    plain.destroy()
    const cause = await firstCause([result, Promise.reject(error), flow])
    await discardTree(context, folder)
    throw cause
  }
}

/** {@link unpackAside}, and puts the tree in its place. */
export async function unpackLayer(
  context: ImageContext,
  layer: Descriptor,
  diffId: Digest,
  privileged: 'refuse' | 'strip',
): Promise<FilterResult> {
  const { folder, result } = await unpackAside(context, layer, diffId, privileged)
  await settleTree(context, folder, diffId, result)
  return result
}

/** What follows the archive's end (padding) is hashed, too. */
async function drained(plain: Meter, flow: Promise<void>): Promise<void> {
  plain.resume()
  await flow
}
