import { join } from 'node:path'
import { packageRoot } from '../host/build-info.ts'
import type { HolderMount } from '../host/types.ts'
import { type AptFolder, fetchPackages, packagesInWords, parsePackageUrls } from './apt-fetch.ts'
import { benchJob, stepFailed, type Workbench } from './customize.ts'
import type { PackageSource } from './image-config.ts'
import { ROOTFS } from './job-root.ts'
import { aptEnvironment, linesOf } from './tool-output.ts'
import type { OnProgress } from './types.ts'

/** Where the build's own files lie for programs inside the image: a tmpfs of the job. */
const INSIDE = '/run/glovebox'

export interface AptInstall {
  readonly folder: AptFolder
  readonly sources: readonly PackageSource[]
  /** Names of packages, as apt-get(8) takes them. */
  readonly packages: readonly string[]
  /** Local .deb files, absolute. */
  readonly debs: readonly string[]
  readonly epochSeconds: number
  readonly onProgress: OnProgress
}

/**
 * Installs packages with the image's own apt, without any network: first it says what it needs, then apt's downloader
 * on the host fetches that, then it installs. So neither the image's programs nor a package's scripts reach the LAN.
 *
 * @throws GloveboxError BUILD_STEP_FAILED with apt's own reason, MIRROR_UNREACHABLE
 */
export async function installPackages(bench: Workbench, install: AptInstall): Promise<void> {
  const { onProgress } = install
  onProgress({ step: 'packages', detail: 'working out what is needed' })
  const lines: string[] = []
  await aptGet(
    bench,
    install,
    ['--print-uris', '-oDebug::NoLocking=true', '-oAcquire::ForceHash=SHA256'],
    (line) => lines.push(line),
  )
  const needed = parsePackageUrls(lines.join('\n'), install.sources)
  await fetchPackages(install.folder, needed, onProgress, bench.signal)
  const total = 2 * needed.length
  let done = 0
  onProgress({ step: 'install', detail: packagesInWords(needed.length), done, total })
  /* With --no-download apt does not find local files, either; the job has no network anyway. */
  const flags = install.debs.length === 0 ? ['--no-download'] : []
  await aptGet(bench, install, flags, (line) => {
    const [, verb, name] = /^(Unpacking|Setting up) (\S+)/.exec(line) ?? []
    if (verb === undefined) return
    done++
    onProgress({ step: 'install', detail: `${verb.toLowerCase()} ${name}`, done, total })
  })
}

async function aptGet(
  bench: Workbench,
  install: AptInstall,
  flags: readonly string[],
  onLine: (line: string) => void,
): Promise<void> {
  const words: string[] = []
  const argv = [
    'apt-get',
    ...OPTIONS,
    ...flags,
    'install',
    ...install.packages,
    ...install.debs.map(insideName),
  ]
  await insideImage(bench, argv, mountsOf(install), aptJobEnvironment(install.epochSeconds), (line) => {
    words.push(line)
    if (words.length > 400) words.shift()
    onLine(line)
  }).catch((error: unknown) =>
    Promise.reject(error instanceof StepFailure ? stepFailed('install the packages', words) : error),
  )
}

/** Nothing of a user's is asked, nothing is recommended, and dpkg need not wait for the disk: a half-built layer is thrown away. */
const OPTIONS = [
  '--yes',
  '-q',
  '--no-install-recommends',
  '--allow-downgrades',
  `-oDir::Etc::sourcelist=${INSIDE}/sources.list`,
  '-oDir::Etc::sourceparts=/dev/null',
  `-oDir::Etc::preferences=${INSIDE}/preferences`,
  '-oDir::Cache::pkgcache=',
  '-oDir::Cache::srcpkgcache=',
  '-oAPT::Sandbox::User=root',
  '-oDpkg::Use-Pty=false',
  '-oDPkg::Options::=--force-unsafe-io',
  '-oDPkg::Options::=--force-confnew',
  '-oAcquire::Languages=none',
]

interface Bind {
  readonly mount: HolderMount
  readonly inside: string
}

const bind = (kind: 'ro' | 'rw', source: string, inside: string): Bind => ({
  mount: { kind, source, target: `/box/bind${inside}` },
  inside,
})

const insideName = (path: string, at: number): string =>
  `${INSIDE}/vendor-${at}-${path.slice(path.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_.+~-]/g, '_')}`

function mountsOf({ folder, debs }: AptInstall): Bind[] {
  return [
    bind('rw', folder.lists, '/var/lib/apt/lists'),
    bind('rw', folder.archives, '/var/cache/apt/archives'),
    bind('ro', folder.sources, `${INSIDE}/sources.list`),
    bind('ro', folder.preferences, `${INSIDE}/preferences`),
    ...debs.map((path, at) => bind('ro', path, insideName(path, at))),
  ]
}

function aptJobEnvironment(epochSeconds: number): Record<string, string> {
  const { PATH, HOME, LC_ALL, DEBIAN_FRONTEND } = aptEnvironment()
  return { PATH, HOME, LC_ALL, DEBIAN_FRONTEND, SOURCE_DATE_EPOCH: String(epochSeconds) } as Record<
    string,
    string
  >
}

/** A program inside the image ended with another code than 0. */
export class StepFailure extends Error {}

/**
 * Runs a program of the image as its root, sealed: no network, nothing of the host but what is bound.
 *
 * @throws StepFailure
 */
export async function insideImage(
  bench: Workbench,
  argv: readonly string[],
  binds: readonly Bind[],
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Promise<void> {
  const script: HolderMount = {
    kind: 'ro',
    source: join(packageRoot(), 'share/build/enter-root'),
    target: '/box/enter-root',
  }
  const job = benchJob(bench, {
    argv: [
      '/bin/sh',
      '/box/enter-root',
      ROOTFS,
      ...binds.flatMap(({ mount, inside }) => ['--bind', mount.target, inside]),
      '--',
      ...argv,
    ],
    env,
    network: 'none',
    mounts: [script, ...binds.map(({ mount }) => mount)],
  })
  const { exitCode } = await bench.context.runJob(
    job,
    ['ignore', 'pipe', 'pipe'],
    async ({ stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      await Promise.all([linesOf(stdout, onLine), linesOf(stderr, onLine)])
    },
    bench.signal,
  )
  bench.signal?.throwIfAborted()
  if (exitCode !== 0) throw new StepFailure(`code ${exitCode}`)
}
