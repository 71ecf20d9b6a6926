import { mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { GloveboxError } from '../errors.ts'

/** Where Glovebox keeps what is the user's (XDG Base Directory Specification 0.8). All absolute. */
export interface HostPaths {
  readonly data: string
  readonly state: string
  readonly cache: string
  /** Gone with the login where the system has such a folder. */
  readonly runtime: string
  /** Images: an OCI layout and the unpacked trees. */
  readonly store: string
  /** Compiled programs, a folder for each version of their sources. */
  readonly programs: string
  /** Folders of boxes, in the shape that the box room takes them. */
  readonly boxes: {
    readonly runtime: string
    readonly kept: string
    readonly homes: string
    readonly networks: string
  }
  /** What was learnt of this host, so that it need not be tried again. */
  readonly facts: string
}

/** Who runs this, as far as folders are concerned; `ownerOf` is undefined for what does not exist. */
export interface PathSource {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uid: number
  readonly ownerOf: (path: string) => number | undefined
}

/**
 * Chooses the folders; nothing is made. A relative path in the environment is ignored, as the specification demands,
 * and so is an XDG_RUNTIME_DIR that is another user's (what `su` leaves behind).
 *
 * @throws GloveboxError NO_HOME
 */
export function choosePaths(source: PathSource): HostPaths {
  const { env } = source
  const folder = (variable: string, fallback: string): string => {
    const named = env[variable]
    return `${named?.startsWith('/') ? named : `${home(env, variable)}/${fallback}`}/glovebox`
  }
  const [data, state, cache] = [
    folder('XDG_DATA_HOME', '.local/share'),
    folder('XDG_STATE_HOME', '.local/state'),
    folder('XDG_CACHE_HOME', '.cache'),
  ]
  const runtimeRoot = env['XDG_RUNTIME_DIR']
  const usable = runtimeRoot?.startsWith('/') && source.ownerOf(runtimeRoot) === source.uid
  const runtime = usable ? `${runtimeRoot}/glovebox` : `${state}/run`
  return {
    ...{ data, state, cache, runtime },
    store: `${data}/store`,
    programs: `${data}/native`,
    boxes: {
      runtime: `${runtime}/boxes`,
      kept: `${state}/boxes`,
      homes: `${state}/homes`,
      networks: `${runtime}/networks`,
    },
    facts: `${cache}/facts.json`,
  }
}

function home(env: PathSource['env'], variable: string): string {
  const path = env['HOME']
  if (path?.startsWith('/')) return path
  throw new GloveboxError({
    code: 'NO_HOME',
    audience: 'host',
    message: `Cannot choose a folder: neither HOME nor ${variable} holds an absolute path.`,
    remedy: `Set one of them, as in: HOME=/home/you`,
  })
}

/** The folders of the user who runs this process. */
export function currentPaths(): HostPaths {
  return choosePaths({ env: process.env, uid: userId(), ownerOf: (path) => look(path)?.uid })
}

/** Makes the four folders where they are missing, and checks that they are the user's alone. */
export function openPaths(paths: HostPaths): void {
  for (const path of [paths.data, paths.state, paths.cache, paths.runtime]) openFolder(path, userId())
}

/**
 * Makes a folder with mode 0700, or checks the one that is there.
 *
 * @throws GloveboxError FOLDER_FOREIGN where it is another user's, FOLDER_OPEN where others may write in it,
 *   FOLDER_UNUSABLE where it cannot be made
 */
export function openFolder(path: string, uid: number): void {
  const stats = look(path) ?? make(path, uid)
  if (!stats.isDirectory()) throw unusable(path, 'it is not a folder')
  if (stats.uid !== uid) throw foreign(path, stats.uid, uid)
  if ((stats.mode & 0o022) !== 0)
    throw new GloveboxError({
      code: 'FOLDER_OPEN',
      audience: 'host',
      message: `Cannot use ${path}: other users may write in it, and so could change what runs in your boxes.`,
      remedy: `chmod go-w '${path}'`,
      details: { path },
    })
}

/** Nothing is made inside a home that is another user's (`sudo` without -H), as that user could not use it any more. */
function make(path: string, uid: number): Stats {
  let above = dirname(path)
  while (look(above) === undefined) above = dirname(above)
  const owner = look(above)?.uid ?? 0
  if (uid === 0 && owner !== 0) throw foreign(above, owner, uid)
  try {
    makeFolders(path)
    return statSync(path)
  } catch (cause) {
    throw unusable(path, (cause as Error).message, cause)
  }
}

/** One by one: Node's own recursive mkdir never returns below /proc, where ENOENT does not mean a missing parent. */
function makeFolders(path: string): void {
  if (look(path) !== undefined) return
  makeFolders(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another start of ours was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

function userId(): number {
  return process.getuid?.() ?? 0
}

function foreign(path: string, owner: number, uid: number): GloveboxError {
  return new GloveboxError({
    code: 'FOLDER_FOREIGN',
    audience: 'host',
    message: `Cannot use ${path}: it belongs to user id ${owner}, and you are ${uid}.`,
    remedy:
      uid === 0
        ? "Run as that user, or with root's own home: sudo -H glovebox …"
        : 'Set HOME and the XDG_* variables to folders of your own.',
    details: { path, owner, uid },
  })
}

function unusable(path: string, why: string, cause?: unknown): GloveboxError {
  return new GloveboxError({
    code: 'FOLDER_UNUSABLE',
    audience: 'host',
    message: `Cannot use ${path}: ${why}.`,
    remedy: 'Make it a folder that you can write in, or name another by the XDG_* variables.',
    details: { path },
    cause,
  })
}
