import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import type { HolderMount } from '../host/types.ts'
import { writeKeys } from './apt-fetch.ts'
import { type AptSource, sourceLine } from './apt-sources.ts'
import { type StoredLayer, storeLayer } from './layer-write.ts'
import { temporaryPath } from './layout.ts'
import { isOmitted, replaced } from './omitted.ts'
import { aptEnvironment, lastWords, linesOf } from './tool-output.ts'
import type { OnProgress } from './types.ts'
import { discardTree, type ImageContext } from './unpack.ts'

/** What apt needs of the host to reach a mirror and to check its signatures. */
const APT_FILES = [
  '/etc/apt',
  '/etc/ca-certificates.conf',
  '/etc/dpkg',
  '/etc/group',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/passwd',
  '/etc/pki',
  '/etc/resolv.conf',
  '/etc/ssl',
]

export function aptMounts(): HolderMount[] {
  return APT_FILES.filter((path) => existsSync(path)).map((path) => ({
    kind: 'ro',
    source: path,
    target: path,
  }))
}

/** What the rest of a build wants to know of a layer. */
export const KEPT_FILES: ReadonlySet<string> = new Set([
  'var/lib/dpkg/status',
  'etc/os-release',
  'usr/lib/os-release',
])

export interface DebianBuild {
  readonly variant: string
  readonly sources: readonly AptSource[]
  readonly packages: readonly string[]
  /** Versions to hold to (apt_preferences(5)); empty for none. */
  readonly preferences: string
  /** No file of the image is newer than this (seconds since the epoch). */
  readonly epochSeconds: number
  readonly onProgress: OnProgress
  readonly signal: AbortSignal | undefined
}

/**
 * Builds the root filesystem of a Debian-family suite with mmdebstrap(1), inside a job: it sees neither the user's
 * files nor ids, and ends with this process. Its archive becomes the layer while it is still being written.
 *
 * @throws GloveboxError BASE_BUILD_FAILED with mmdebstrap's own reason
 */
export async function buildDebianLayer(context: ImageContext, build: DebianBuild): Promise<StoredLayer> {
  const folder = temporaryPath(context.places, 'debian')
  mkdirSync(folder, { mode: 0o700 })
  chmodSync(folder, 0o777)
  writeKeys(folder)
  if (build.preferences !== '') writeFileSync(join(folder, 'preferences'), build.preferences, { mode: 0o644 })
  const words: string[] = []
  let layer: StoredLayer | undefined
  try {
    const { exitCode } = await context.runJob(
      {
        ids: context.ids,
        mounts: [...aptMounts(), { kind: 'rw', source: folder, target: '/box/work' }],
        network: 'host',
        argv: ['/usr/bin/mmdebstrap', ...mmdebstrapWords(build)],
        env: { ...aptEnvironment(), TMPDIR: '/box/work', SOURCE_DATE_EPOCH: String(build.epochSeconds) },
      },
      ['ignore', 'pipe', 'pipe'],
      async (job) => {
        if (job.stdout === null || job.stderr === null) return
        const [stored] = await Promise.all([
          storeLayer(context, job.stdout, {
            limits: context.limits,
            privileged: 'strip',
            direction: 'whole',
            omit: isOmitted,
            replace: replaced,
            clampSeconds: build.epochSeconds,
            keep: KEPT_FILES,
          }).catch((error: unknown) =>
            job.stdout?.readableEnded === true && isCut(error) ? undefined : Promise.reject(error),
          ),
          linesOf(job.stderr, (line) => told(line, words, build.onProgress)),
        ])
        layer = stored
      },
      build.signal,
    )
    build.signal?.throwIfAborted()
    if (exitCode !== 0 || layer === undefined) throw failed(words, exitCode)
    return layer
  } finally {
    await discardTree(context, folder)
  }
}

/** An archive that ends early is mmdebstrap's failure, and its own words say why. */
function isCut(error: unknown): boolean {
  return error instanceof GloveboxError && error.code === 'ARCHIVE_BROKEN'
}

export function mmdebstrapWords({ variant, sources, packages, preferences }: DebianBuild): string[] {
  const [main] = sources
  return [
    '--mode=root',
    '--format=tar',
    '--keyring=/box/work/keys',
    `--variant=${variant}`,
    ...(preferences === '' ? [] : PIN_HOOKS),
    ...(packages.length === 0 ? [] : [`--include=${packages.join(',')}`]),
    main?.suite ?? '',
    '-',
    ...sources.map(sourceLine),
  ]
}

/** mmdebstrap has no option for preferences: they lie in the new root while it is made. */
const PIN_HOOKS = [
  '--setup-hook=mkdir -p "$1/etc/apt/preferences.d"',
  '--setup-hook=cp /box/work/preferences "$1/etc/apt/preferences.d/glovebox"',
  '--customize-hook=rm "$1/etc/apt/preferences.d/glovebox"',
]

/** mmdebstrap says `I: what it does...` before each step; our own hooks are none. */
function told(line: string, words: string[], onProgress: OnProgress): void {
  words.push(line)
  if (words.length > 200) words.shift()
  const [, detail] = /^I: (?!running -)(.*?)(?:\.\.\.)?$/.exec(line) ?? []
  if (detail !== undefined) onProgress({ step: 'base', detail })
}

function failed(words: readonly string[], exitCode: number): GloveboxError {
  return new GloveboxError({
    code: 'BASE_BUILD_FAILED',
    audience: 'image',
    message: `Cannot build the base: mmdebstrap ended with code ${exitCode}: ${lastWords(words)}.`,
    remedy: 'Check the suite, the mirror and the names of the packages in the recipe.',
    details: { words: words.slice(-40) },
  })
}
