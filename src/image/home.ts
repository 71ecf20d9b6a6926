import { closeSync, fsyncSync, openSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { HolderJob } from '../host/types.ts'
import { notMade, reserve } from './disk.ts'
import { emptyWords, FORMAT_ENVIRONMENT, NeedsCounter } from './disk-format.ts'
import { filterTar } from './tar-filter.ts'
import { refused } from './tar-path.ts'
import type { IncomingEntry } from './tar-types.ts'
import { linesOf } from './tool-output.ts'
import { feedTar, type ImageContext, tarJob } from './unpack.ts'

/* A kept home folder in its two forms: a folder of subordinate ids for containers, an ext4 disk for virtual machines. */

/** A home has no bound of its own; the file is sparse. */
const HOME_BYTES = 16 * 2 ** 30
const MIB = 2 ** 20

/**
 * Makes the disk of a home, with the files of a folder in it where there is one: mke2fs(8) reads them in a job.
 *
 * @param dir the folder of the home, in which `disk` is made
 * @throws GloveboxError DISK_NOT_MADE, DISK_FULL
 */
export async function makeHomeDisk(
  context: ImageContext,
  dir: string,
  disk: string,
  folder: string | undefined,
): Promise<void> {
  const mounts: HolderJob['mounts'] = [
    { kind: 'rw', source: dir, target: '/box/work' },
    ...(folder === undefined ? [] : [{ kind: 'ro' as const, source: folder, target: '/box/stage/home' }]),
  ]
  const needs = new NeedsCounter()
  if (folder !== undefined)
    await tool(context, mounts, ['/usr/bin/find', '/box/stage/home', '-printf', '%y %s\\n'], (line) =>
      needs.add(line),
    )
  const bytes = Math.max(HOME_BYTES, Math.ceil((2 * needs.needs().bytes) / MIB) * MIB)
  reserve(disk, bytes)
  const tree = folder === undefined ? undefined : '/box/stage'
  await tool(context, mounts, ['/sbin/mke2fs', ...emptyWords(`/box/work/${basename(disk)}`, bytes, tree)])
  const fd = openSync(disk, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Makes the folder `data` of a home of what a guest has read out of its disk, by the rules for hostile archives. Sockets,
 * fifos and devices stay behind.
 *
 * @param dir the folder of the home
 * @throws GloveboxError ARCHIVE_*, IMAGE_INVALID; `data` is not there then
 */
export async function extractHome(context: ImageContext, archive: Readable, dir: string): Promise<void> {
  const { output, result } = filterTar(archive, {
    limits: context.limits,
    privileged: 'strip',
    direction: 'whole',
    adjust: belowHome,
  })
  /* Whatever it is called, it cannot take the place of the disk beside it. */
  const job = tarJob(context, dir, 's,^,data.new/,rhS')
  await Promise.all([result, feedTar(context, job, Readable.from(output))])
}

/** The guest calls the folder "home"; a link or a file of that name would become the home itself. */
function belowHome(entry: IncomingEntry): IncomingEntry {
  const parts = entry.name.split('/').filter((part) => part !== '' && part !== '.')
  const isTop = parts.length === 1 && entry.type === 'directory'
  if (parts[0] === 'home' && (parts.length > 1 || isTop)) return entry
  throw refused('ARCHIVE_PATH', 'is no file of a home folder', entry.name)
}

/** What was extracted gets its name, once it is on the host's disk. */
export async function settleHome(context: ImageContext, dir: string): Promise<void> {
  const mounts: HolderJob['mounts'] = [{ kind: 'rw', source: dir, target: '/box/tree' }]
  await tool(context, mounts, ['/bin/sync', '-f', '/box/tree/data.new'])
  await tool(context, mounts, ['/bin/mv', '-T', '/box/tree/data.new/home', '/box/tree/data'])
  await tool(context, mounts, ['/bin/rm', '-rf', '--', '/box/tree/data.new'])
}

async function tool(
  context: ImageContext,
  mounts: HolderJob['mounts'],
  argv: HolderJob['argv'],
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const words: string[] = []
  const { exitCode } = await context.runJob(
    { ids: context.ids, mounts, network: 'none', argv, env: FORMAT_ENVIRONMENT },
    ['ignore', 'pipe', 'pipe'],
    async ({ stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      const keep = (line: string): unknown => words.length < 200 && words.push(line)
      await Promise.all([linesOf(stdout, onLine), linesOf(stderr, keep)])
    },
  )
  if (exitCode !== 0) throw notMade(argv[0], words)
}
