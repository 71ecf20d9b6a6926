import { mkdirSync } from 'node:fs'
import { spawnTool } from '../host/spawn.ts'
import { makeAptFolder, updateLists } from './apt-fetch.ts'
import { lockOf } from './documents.ts'
import { sourcesIn } from './image-config.ts'
import { readDocument, temporaryPath } from './layout.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { fetchMirrorState } from './mirror-state.ts'
import type { LockedPackage } from './package-lock.ts'
import { currentTools } from './tools-image.ts'
import { discardTree, type ImageContext } from './unpack.ts'

/** A package of the tools image of which the mirror has another version. */
export interface PendingUpdate {
  readonly name: string
  /** In the tools image. */
  readonly version: string
  /** What the mirror has. */
  readonly candidate: string
  /** It comes from the distribution's archive of security updates. */
  readonly security: boolean
}

/**
 * Asks the mirror what it has for the packages of the tools image; nothing is changed. Takes a network, and some ten
 * megabytes of package lists. Undefined where there is no tools image.
 *
 * @throws GloveboxError MIRROR_UNREACHABLE, MIRROR_MOVED, MIRROR_INVALID
 */
export async function pendingUpdates(
  context: ImageContext,
  signal?: AbortSignal,
): Promise<PendingUpdate[] | undefined> {
  const tools = currentTools(context)
  const packages = tools === undefined ? undefined : lockOf(context, tools.digest)?.packages
  if (tools === undefined || packages === undefined) return undefined
  const { places } = context
  const manifest = parseManifest(readDocument(places, tools.digest))
  const { config } = parseConfig(readDocument(places, manifest.config.digest))
  const root = temporaryPath(places, 'pending')
  mkdirSync(root, { mode: 0o700 })
  try {
    const known = sourcesIn(config)
    const now = await fetchMirrorState(known, `${root}/state`, signal)
    const sources = known.map((source, at) => ({ ...source, ...now[at] }))
    const folder = makeAptFolder(`${root}/apt`, sources, '')
    await updateLists(folder, sources, signal)
    const words = ['apt-cache', '--config-file', folder.configuration, 'policy', ...packages.map(aptName)]
    const { stdout } = await spawnWhole(words as [string, ...string[]], signal)
    return await newer(comparePolicy(packages, stdout), signal)
  } finally {
    await discardTree(context, root)
  }
}

const aptName = ({ name, architecture }: LockedPackage): string =>
  architecture === 'all' ? name : `${name}:${architecture}`

/** Line by line, as what is kept of a tool's output has a bound. */
async function spawnWhole(
  argv: readonly [string, ...string[]],
  signal: AbortSignal | undefined,
): Promise<{ readonly stdout: string }> {
  const lines: string[] = []
  await spawnTool(argv, {
    onOutputLine: (line) => {
      lines.push(line)
    },
    ...(signal === undefined ? {} : { signal }),
  })
  return { stdout: lines.join('\n') }
}

/**
 * Reads `apt-cache policy` (apt-cache(8)): packages whose candidate is not the version that is there. Pure.
 *
 *     libc6:
 *       Installed: (none)
 *       Candidate: 2.41-12+deb13u1
 *       Version table:
 *          2.41-12+deb13u1 500
 *             500 http://deb.debian.org/debian-security trixie-security/main amd64 Packages
 */
export function comparePolicy(packages: readonly LockedPackage[], policy: string): PendingUpdate[] {
  const stanzas = new Map<string, string[]>()
  let lines: string[] = []
  for (const line of policy.split('\n')) {
    const [, name] = /^([a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?):$/.exec(line) ?? []
    if (name === undefined) lines.push(line)
    else {
      lines = []
      stanzas.set(name, lines)
    }
  }
  return packages.flatMap((one) => {
    const stanza = stanzas.get(aptName(one)) ?? stanzas.get(one.name) ?? []
    const candidate = stanza.map((line) => /^ {2}Candidate: (\S+)$/.exec(line)?.[1]).find(Boolean)
    if (candidate === undefined || candidate === '(none)' || candidate === one.version) return []
    return [{ name: one.name, version: one.version, candidate, security: isSecurity(stanza, candidate) }]
  })
}

/** Whether the candidate stands in a suite of security updates, by the lines below it in the table. */
function isSecurity(stanza: readonly string[], candidate: string): boolean {
  const at = stanza.findIndex((line) => /^ (?:\*\*\*| {3}) (\S+) -?\d+$/.exec(line)?.[1] === candidate)
  const below = stanza.slice(at + 1)
  const end = below.findIndex((line) => !/^ {8}/.test(line))
  return at >= 0 && below.slice(0, end < 0 ? undefined : end).some((line) => / \S+-security\//.test(line))
}

/** A mirror that is behind has older versions, which are no updates. */
async function newer(
  changes: readonly PendingUpdate[],
  signal: AbortSignal | undefined,
): Promise<PendingUpdate[]> {
  const judged = await Promise.all(
    changes.map(async (one) => {
      const words = ['dpkg', '--compare-versions', one.candidate, 'gt', one.version] as const
      const { exitCode } = await spawnTool(words, signal === undefined ? {} : { signal })
      return exitCode === 0 ? [one] : []
    }),
  )
  return judged.flat()
}
