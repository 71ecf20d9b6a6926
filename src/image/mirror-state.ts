import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { spawnTool } from '../host/spawn.ts'
import type { AptSource } from './apt-sources.ts'
import type { LockedSource } from './package-lock.ts'

export const APT_HELPER = '/usr/lib/apt/apt-helper'
const NETWORK_REMEDY =
  'Check the network and the proxy settings of apt, or build with --offline what was built before.'

/**
 * What each source holds now, as the digest and date of its InRelease file. Fetched by apt's own downloader, so the
 * host's proxy settings hold. Signatures are not checked here: apt does so when it builds from them.
 *
 * @param folder a folder to make and remove again
 * @throws GloveboxError MIRROR_UNREACHABLE, MIRROR_INVALID
 */
export async function fetchMirrorState(
  sources: readonly AptSource[],
  folder: string,
  signal?: AbortSignal,
): Promise<LockedSource[]> {
  mkdirSync(folder, { mode: 0o700 })
  try {
    const files = sources.map((_, at) => join(folder, `InRelease-${at}`))
    const words = sources.flatMap((source, at) => [inReleaseUrl(source), files[at] ?? ''])
    const fetched = await spawnTool(
      [APT_HELPER, '-oAcquire::Retries=2', '-oAcquire::http::Timeout=20', 'download-file', ...words],
      signal === undefined ? {} : { signal },
    )
    if (fetched.exitCode !== 0) throw noSuite(sources, fetched.stderr) ?? unreachable(fetched.stderr)
    return sources.map((source, at) => stateOf(source, readFileSync(files[at] ?? '')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const inReleaseUrl = (source: AptSource): string =>
  `${source.url.replace(/\/+$/, '')}/dists/${source.suite}/InRelease`

function stateOf(source: AptSource, bytes: Buffer): LockedSource {
  const date = /^Date: (.{10,60})$/m.exec(bytes.toString('utf8'))?.[1]
  const dateSeconds = Date.parse(date ?? '') / 1000
  if (!Number.isSafeInteger(dateSeconds))
    throw new GloveboxError({
      code: 'MIRROR_INVALID',
      audience: 'host',
      message: `Cannot build from ${inReleaseUrl(source)}: it is no InRelease file with a date.`,
      remedy: 'Check the mirror, the suite and the proxy: a login page of a network answers like this.',
    })
  return {
    url: source.url,
    suite: source.suite,
    inRelease: createHash('sha256').update(bytes).digest('hex'),
    dateSeconds,
  }
}

/** A mirror that answers, but knows nothing of the suite: most often a slip of the pen. */
function noSuite(sources: readonly AptSource[], words: string): GloveboxError | undefined {
  const missing = sources.find((source) => words.includes(`${inReleaseUrl(source)}  404 `))
  if (missing === undefined) return undefined
  return new GloveboxError({
    code: 'MIRROR_NO_SUITE',
    audience: 'usage',
    message: `Cannot build from the suite ${missing.suite}: ${missing.url} has none of this name.`,
    remedy: 'Check the suite of the recipe, and the mirror, which must be one of its distribution.',
  })
}

function unreachable(words: string): GloveboxError {
  const reason =
    words.split('\n').find((line) => line.startsWith('E: ')) ?? words.trim().split('\n').at(-1) ?? ''
  return new GloveboxError({
    code: 'MIRROR_UNREACHABLE',
    audience: 'host',
    message: `Cannot ask the mirror what it holds: ${reason.replace(/^E: /, '').slice(0, 500)}.`,
    remedy: NETWORK_REMEDY,
  })
}

/** The newest date of all sources: no file of the build is newer (reproducible-builds.org, SOURCE_DATE_EPOCH). */
export function epochOf(state: readonly LockedSource[]): number {
  return Math.max(0, ...state.map((one) => one.dateSeconds))
}

export function sameState(a: readonly LockedSource[], b: readonly LockedSource[]): boolean {
  return a.length === b.length && a.every((one, at) => one.inRelease === b[at]?.inRelease)
}
