import { chmodSync, closeSync, ftruncateSync, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { sha256 } from '../host/sha256.ts'
import { spawnTool } from '../host/spawn.ts'
import type { HolderJob } from '../host/types.ts'
import { baseWords, type DiskNeeds, emptyWords, FORMAT_ENVIRONMENT, NeedsCounter } from './disk-format.ts'
import { levelTimes } from './disk-times.ts'
import { ROOTFS } from './job-root.ts'
import type { StorePlaces } from './layout.ts'
import { makeOnce } from './make-once.ts'
import { lastWords, linesOf } from './tool-output.ts'
import type { OnProgress, ResolvedImage } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Raised where the same layers would now make another disk. */
const FORMAT_VERSION = 1

/**
 * Name of the disk that layers make.
 *
 * @param layers diff ids as hex digits, the top one first
 */
export function diskName(layers: readonly string[]): string {
  const parts = [`ext4-${FORMAT_VERSION}`, ...layers]
  return `base-${sha256(parts.join('\n'))}.ext4`
}

/** Where an image's disk lies, once it is made. */
export function diskPath(places: StorePlaces, image: Pick<ResolvedImage, 'trees'>): string {
  return join(places.disks, diskName(image.trees.map((tree) => basename(dirname(tree)))))
}

/**
 * The read-only ext4 disk of an image's merged layers, made where it is missing: mke2fs(8) reads them in a job, joined
 * as in a box, so that owners are those that a box sees (0 to 65535). The same layers make the same bytes, whatever
 * the subordinate ids, the time and the host.
 *
 * @returns path of a file that any user can read, were the store's folder not the user's alone
 * @throws GloveboxError DISK_NOT_MADE, DISK_FULL, STORE_BUSY
 */
export async function ensureDisk(
  context: ImageContext,
  image: ResolvedImage,
  onProgress?: OnProgress,
  signal?: AbortSignal,
): Promise<string> {
  return makeOnce(context, {
    path: diskPath(context.places, image),
    what: `make the disk of image ${image.ref}`,
    mode: 0o444,
    signal,
    make: async (folder) => {
      const job = { context, trees: image.trees, folder, signal }
      onProgress?.({ step: 'disk', detail: 'measuring the image' })
      const needs = await measure(job)
      const disk = join(folder, 'disk')
      reserve(disk, needs.bytes)
      onProgress?.({ step: 'disk', detail: 'writing the file system', total: needs.bytes })
      await toolJob(job, ['/sbin/mke2fs', ...baseWords('/box/work/disk', ROOTFS, needs)])
      /* A box does not see what the image does not have. */
      await toolJob(job, ['/sbin/debugfs', '-w', '-R', 'rmdir lost+found', '/box/work/disk'])
      levelTimes(disk)
      onProgress?.({ step: 'disk', detail: 'waiting for the host’s disk' })
      return disk
    },
  })
}

interface DiskJob {
  readonly context: ImageContext
  readonly trees: readonly string[]
  /** Where the disk is made. */
  readonly folder: string
  readonly signal: AbortSignal | undefined
}

/** A file of the user's own that the subordinate root can write to as long as its folder lets it. */
export function reserve(disk: string, bytes: number): void {
  const fd = openSync(disk, 'wx')
  try {
    ftruncateSync(fd, bytes)
  } finally {
    closeSync(fd)
  }
  chmodSync(disk, 0o666)
}

async function measure(job: DiskJob): Promise<DiskNeeds> {
  const counter = new NeedsCounter()
  await toolJob(job, ['/usr/bin/find', ROOTFS, '-printf', '%y %s\\n'], (line) => counter.add(line))
  return counter.needs()
}

async function toolJob(
  { context, trees, folder, signal }: DiskJob,
  argv: HolderJob['argv'],
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const words: string[] = []
  const { exitCode } = await context.runJob(
    {
      ids: context.ids,
      mounts: [{ kind: 'rw', source: folder, target: '/box/work' }],
      overlay: { lowers: trees, upper: { tmpfsBytes: 2 ** 20 } },
      network: 'none',
      argv,
      env: FORMAT_ENVIRONMENT,
    },
    ['ignore', 'pipe', 'pipe'],
    async ({ stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      await Promise.all([
        linesOf(stdout, onLine),
        linesOf(stderr, (line) => words.length < 200 && words.push(line)),
      ])
    },
    signal,
  )
  signal?.throwIfAborted()
  if (exitCode !== 0) throw notMade(argv[0], words)
}

/** Folders that the guest finds on the disk of a box's writes: for overlayfs(5), and for the user's own files. */
const WRITE_FOLDERS = ['upper', 'work', 'home']

/**
 * An empty ext4 disk of this size, which takes next to no space: what the disk for a box's writes is copied from.
 * It has the folders upper, work and home, which are root's.
 *
 * @throws GloveboxError DISK_NOT_MADE, TOOL_MISSING
 */
export async function ensureEmptyDisk(context: ImageContext, bytes: number): Promise<string> {
  return makeOnce(context, {
    path: join(context.places.disks, `empty-${FORMAT_VERSION}-${bytes}.ext4`),
    what: 'make an empty disk',
    mode: 0o644,
    make: async (folder) => {
      const disk = join(folder, 'disk')
      reserve(disk, bytes)
      await formatTool(['mke2fs', ...emptyWords(disk, bytes)])
      for (const name of WRITE_FOLDERS) await formatTool(['debugfs', '-w', '-R', `mkdir ${name}`, disk])
      return disk
    },
  })
}

/** On a file without anybody's content, so as the user. */
async function formatTool(argv: readonly [string, ...string[]]): Promise<void> {
  const { exitCode, stderr } = await spawnTool(argv, { env: FORMAT_ENVIRONMENT })
  if (exitCode !== 0) throw notMade(argv[0], stderr.split('\n'))
}

export function notMade(tool: string, words: readonly string[]): GloveboxError {
  const full = words.some((line) => /No space left on device/.test(line))
  return new GloveboxError({
    code: full ? 'DISK_FULL' : 'DISK_NOT_MADE',
    audience: 'host',
    message: `Cannot make the disk: ${basename(tool)} says: ${lastWords(words)}.`,
    remedy: full
      ? 'Free some space, for one with: glovebox gc'
      : 'Check the image with: glovebox image verify',
    details: { words },
  })
}
