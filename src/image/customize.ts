import { chmodSync, createReadStream, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { GloveboxError } from '../errors.ts'
import type { HolderJob } from '../host/types.ts'
import { ignorePipe } from './archive-streams.ts'
import { KEPT_FILES } from './debian.ts'
import { ROOTFS } from './job-root.ts'
import { type StoredLayer, storeLayer } from './layer-write.ts'
import { temporaryPath } from './layout.ts'
import { isOmitted, replaced } from './omitted.ts'
import { lastWords, linesOf } from './tool-output.ts'
import { discardTree, type ImageContext } from './unpack.ts'

/** A layer in the making: the layers below it, and a folder that takes the writes of each job. */
export interface Workbench {
  readonly context: ImageContext
  /** Trees below, top first. */
  readonly lowers: readonly string[]
  readonly upper: string
  readonly signal: AbortSignal | undefined
}

/** A file that goes into the image. */
export interface NewFile {
  /** Relative to the root. */
  readonly path: string
  readonly from:
    | { readonly content: string }
    | { readonly source: string }
    /** A symbolic link to this. */
    | { readonly link: string }
    | 'folder'
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/**
 * Makes one layer by what `work` does on the workbench. The folder of the writes is packed, filtered (caches, logs
 * and everything that differs from build to build stay behind) and stored.
 */
export async function makeLayer(
  context: ImageContext,
  lowers: readonly string[],
  epochSeconds: number,
  signal: AbortSignal | undefined,
  work: (bench: Workbench) => Promise<void>,
): Promise<StoredLayer> {
  const upper = temporaryPath(context.places, 'build')
  mkdirSync(upper, { mode: 0o700 })
  chmodSync(upper, 0o777)
  try {
    const bench = { context, lowers, upper, signal }
    await work(bench)
    return await packLayer(bench, epochSeconds)
  } finally {
    await discardTree(context, upper)
  }
}

/** A job in whose root the image lies at {@link ROOTFS}, writable. */
export function benchJob(
  bench: Workbench,
  job: Pick<HolderJob, 'argv' | 'env' | 'network' | 'mounts'>,
): HolderJob {
  const { context, lowers, upper } = bench
  return { ids: context.ids, overlay: { lowers, upper: { dir: upper } }, ...job }
}

/** Puts files into the image, as tar(1) does it: folders on the way are made where they are missing. */
export async function addFiles(bench: Workbench, files: readonly NewFile[]): Promise<void> {
  const words: string[] = []
  const job = benchJob(bench, {
    argv: [
      '/bin/tar',
      '--extract',
      '--file=-',
      `--directory=${ROOTFS}`,
      '--numeric-owner',
      '--same-owner',
      '--same-permissions',
      '--overwrite',
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
      const archive = pack()
      await Promise.all([
        writeFiles(archive, files),
        pipeline(archive, stdin).catch(ignorePipe),
        linesOf(stderr, (line) => words.push(line)),
      ])
    },
    bench.signal,
  )
  bench.signal?.throwIfAborted()
  if (exitCode !== 0) throw stepFailed('put the files of the recipe in place', words)
}

async function writeFiles(archive: Pack, files: readonly NewFile[]): Promise<void> {
  for (const { path, from, mode, uid, gid } of files) {
    const header = { name: path, mode, uid, gid, mtime: new Date(0) }
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve())
      if (from === 'folder') archive.entry({ ...header, type: 'directory' }, done)
      else if ('link' in from) archive.entry({ ...header, type: 'symlink', linkname: from.link }, done)
      else if ('content' in from) archive.entry(header, from.content, done)
      else {
        const { size } = statSync(from.source)
        pipeline(createReadStream(from.source), archive.entry({ ...header, size }, done)).catch(reject)
      }
    })
  }
  archive.finalize()
}

async function packLayer(bench: Workbench, epochSeconds: number): Promise<StoredLayer> {
  const { context, upper } = bench
  const words: string[] = []
  let layer: StoredLayer | undefined
  const { exitCode } = await context.runJob(
    {
      ids: context.ids,
      mounts: [{ kind: 'ro', source: join(upper, 'upper'), target: '/box/tree' }],
      network: 'none',
      argv: [
        '/bin/tar',
        '--create',
        '--file=-',
        '--directory=/box/tree',
        '--format=posix',
        '--pax-option=delete=atime,delete=ctime',
        '--sort=name',
        '--numeric-owner',
        '--xattrs',
        '--xattrs-include=user.overlay.*',
        '--warning=no-file-ignored',
        '.',
      ],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'pipe', 'pipe'],
    async ({ stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      const [stored] = await Promise.all([
        storeLayer(context, stdout as Readable, {
          limits: context.limits,
          privileged: 'strip',
          direction: 'upper',
          omit: isOmitted,
          replace: replaced,
          clampSeconds: epochSeconds,
          keep: KEPT_FILES,
        }),
        linesOf(stderr, (line) => words.push(line)),
      ])
      layer = stored
    },
    bench.signal,
  )
  bench.signal?.throwIfAborted()
  /* Its top folder is always an entry. */
  if (exitCode !== 0 || layer === undefined || layer.result.entries === 0)
    throw stepFailed('pack the layer', words)
  return layer
}

export function stepFailed(what: string, words: readonly string[]): GloveboxError {
  return new GloveboxError({
    code: 'BUILD_STEP_FAILED',
    audience: 'image',
    message: `Cannot ${what}: ${lastWords(words)}.`,
    remedy: 'Mend the recipe, or see the words of the tool with --json.',
    details: { words: words.slice(-60) },
  })
}
