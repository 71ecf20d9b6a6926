import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { spawnTool } from '../host/spawn.ts'
import { sourceLine } from './apt-sources.ts'
import type { PackageSource } from './image-config.ts'
import { APT_HELPER } from './mirror-state.ts'
import { lastWords } from './tool-output.ts'
import type { OnProgress } from './types.ts'

/** Folders of one build's apt, all on the host; the jobs get them bound. */
export interface AptFolder {
  readonly root: string
  readonly lists: string
  readonly archives: string
  readonly sources: string
  readonly configuration: string
  /** Versions to hold to (apt_preferences(5)). */
  readonly preferences: string
}

/** Keyrings of the distributions that a host may have beside its own. */
const KEYRINGS = ['debian-archive-keyring.gpg', 'ubuntu-archive-keyring.gpg'].map(
  (name) => `/usr/share/keyrings/${name}`,
)

export function makeAptFolder(
  root: string,
  sources: readonly PackageSource[],
  preferences: string,
): AptFolder {
  const folder: AptFolder = {
    root,
    lists: join(root, 'lists'),
    archives: join(root, 'archives'),
    sources: join(root, 'sources.list'),
    configuration: join(root, 'apt.conf'),
    preferences: join(root, 'preferences'),
  }
  /* The subordinate root works in them, too; the store above is the user's alone. */
  for (const path of [
    root,
    folder.lists,
    join(folder.lists, 'partial'),
    folder.archives,
    join(folder.archives, 'partial'),
  ]) {
    mkdirSync(path)
    chmodSync(path, 0o777)
  }
  const keys = writeKeys(root)
  const write = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o644 })
  write(folder.sources, sources.map((source) => `${sourceLine(source)}\n`).join(''))
  write(folder.preferences, preferences)
  write(folder.configuration, configuration(folder, keys))
  return folder
}

/**
 * Makes a folder of all keys that apt trusts here for a distribution's own archive: on Ubuntu, apt itself knows
 * Debian's keys only where a source names them.
 */
export function writeKeys(root: string): string {
  const keys = join(root, 'keys')
  mkdirSync(keys)
  /* Whatever the umask: the subordinate root reads them. */
  chmodSync(keys, 0o755)
  for (const path of hostKeys()) {
    const copy = join(keys, path.replaceAll('/', '_'))
    writeFileSync(copy, readFileSync(path))
    chmodSync(copy, 0o644)
  }
  return keys
}

function hostKeys(): string[] {
  const parts = '/etc/apt/trusted.gpg.d'
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(gpg|asc)$/.test(name)) : []
  return [...names.map((name) => join(parts, name)), ...KEYRINGS.filter((path) => existsSync(path))]
}

/** Read after the host's own configuration (apt-get(8), --config-file): its proxies hold, its hooks and lists do not. */
function configuration(folder: AptFolder, keys: string): string {
  const lines = [
    '#clear APT::Update;',
    '#clear DPkg::Post-Invoke;',
    '#clear DPkg::Pre-Invoke;',
    `Dir::State "${folder.root}";`,
    `Dir::State::lists "${folder.lists}";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${folder.root}";`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    `Dir::Etc::sourcelist "${folder.sources}";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    'Dir::Etc::trusted "/dev/null";',
    `Dir::Etc::trustedparts "${keys}";`,
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "false";',
    'Acquire::Retries "2";',
    'APT::Sandbox::User "root";',
  ]
  return `${lines.join('\n')}\n`
}

/**
 * Fetches the lists of packages, checked against the signatures of the distribution.
 *
 * @throws GloveboxError MIRROR_UNREACHABLE; MIRROR_MOVED where it holds something else than it did a moment ago
 */
export async function updateLists(
  folder: AptFolder,
  sources: readonly PackageSource[],
  signal?: AbortSignal,
): Promise<void> {
  const words = ['apt-get', '--config-file', folder.configuration, '-q', '--error-on=any', 'update'] as const
  const { exitCode, stdout, stderr } = await spawnTool(words, signal === undefined ? {} : { signal })
  if (exitCode !== 0)
    throw new GloveboxError({
      code: 'MIRROR_UNREACHABLE',
      audience: 'host',
      message: `Cannot fetch the lists of packages: ${lastWords(`${stdout}\n${stderr}`.split('\n'))}.`,
      remedy: 'Check the network and the proxy settings of apt, and the sources of the recipe.',
    })
  const held = new Set(sources.map((source) => source.inRelease))
  const fetched = readdirSync(folder.lists).filter((name) => name.endsWith('InRelease'))
  const same = fetched.every((name) =>
    held.has(
      createHash('sha256')
        .update(readFileSync(join(folder.lists, name)))
        .digest('hex'),
    ),
  )
  if (!same || fetched.length !== sources.length) throw mirrorMoved()
}

export function mirrorMoved(): GloveboxError {
  return new GloveboxError({
    code: 'MIRROR_MOVED',
    audience: 'host',
    message: 'Cannot finish the build: the mirror was updated while it ran.',
    remedy: 'Build once more.',
  })
}

/** A package to fetch, as `apt-get --print-uris` names it. */
export interface PackageUrl {
  readonly url: string
  readonly file: string
  readonly hash: string
}

/**
 * Reads `'URL' FILE SIZE SHA256:HEX` lines (apt-get(8), --print-uris). They come from inside an image, so only
 * files of the build's own sources are taken, under plain names.
 */
export function parsePackageUrls(text: string, sources: readonly PackageSource[]): PackageUrl[] {
  const below = sources.map((source) => `${source.url.replace(/\/+$/, '')}/`)
  return text.split('\n').flatMap((line) => {
    const [, url = '', file = '', hash = ''] =
      /^'([^'\s]+)' ([A-Za-z0-9_.+~%-]+\.deb) \d+ ?((?:SHA256|SHA512):[0-9a-f]+)?$/.exec(line) ?? []
    if (hash === '' || !below.some((start) => url.startsWith(start)) || url.includes('/../')) return []
    return [{ url, file, hash }]
  })
}

export const packagesInWords = (count: number): string => (count === 1 ? 'one package' : `${count} packages`)

/** `Get:1 http://…/hello_2.10-5_amd64.deb [53 kB]`; a mirror's path has `~` and `+` in percent signs. */
const packageIn = (line: string): string =>
  (line.split('/').at(-1)?.split(' ')[0] ?? '')
    .replace(/_[a-z0-9]+\.deb$/, '')
    .replace('_', ' ')
    .replace(/%(7e|2b|3a)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** @throws GloveboxError MIRROR_UNREACHABLE */
export async function fetchPackages(
  folder: AptFolder,
  packages: readonly PackageUrl[],
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<void> {
  if (packages.length === 0) return
  const words = packages.flatMap(({ url, file, hash }) => [url, join(folder.archives, file), hash])
  const total = packages.length
  let done = 0
  onProgress({ step: 'download', detail: packagesInWords(total), done, total })
  const { exitCode, stderr } = await spawnTool(
    [APT_HELPER, '--config-file', folder.configuration, 'download-file', ...words],
    {
      ...(signal === undefined ? {} : { signal }),
      onOutputLine: (line) => {
        if (!/^Get:\d+ /.test(line)) return
        done++
        onProgress({
          step: 'download',
          detail: packageIn(line),
          done,
          total,
        })
      },
    },
  )
  if (exitCode !== 0)
    throw new GloveboxError({
      code: 'MIRROR_UNREACHABLE',
      audience: 'host',
      message: `Cannot fetch the packages: ${lastWords(stderr.split('\n'))}.`,
      remedy: 'Check the network, and build once more.',
    })
}
