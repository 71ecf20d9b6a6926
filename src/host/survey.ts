import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { readCgroups } from './cgroup-facts.ts'
import { type Distribution, readDistribution } from './distribution.ts'
import { chooseIds, type IdSource, readIdSource } from './ids.ts'
import { type KernelFacts, readKernel } from './kernel.ts'
import { atLeast, type BoundName, enforceable, type LimitMeans } from './limits.ts'
import { currentPaths, type HostPaths, openPaths } from './paths.ts'
import { KEYRING, REQUIREMENTS, TUN_DEVICE } from './requirements.ts'
import { askVersion } from './tool-version.ts'
import { findTool } from './tools.ts'
import { tryInHolder, tryOverlayOnTmpfs } from './trials.ts'
import type { IdMaps } from './types.ts'
import { areCompiled, holderPath } from './view.ts'

/** Something that works, or the error that says why it does not. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: GloveboxError }

/** Everything that doctor and setup judge; looked at and tried afresh, nothing from the cache. */
export interface Survey {
  readonly user: IdSource
  readonly distribution: Distribution
  readonly kernel: KernelFacts
  readonly paths: HostPaths
  readonly folders: Outcome<undefined>
  readonly ids: Outcome<IdMaps>
  /** Version of each program of REQUIREMENTS that is there. */
  readonly programs: Readonly<Record<string, { readonly path: string; readonly version: string | undefined }>>
  readonly keyring: boolean
  /** Whether everybody can open /dev/net/tun, the subordinate ids among them. */
  readonly tun: 'open' | 'closed' | 'missing'
  /** Whether Glovebox's own programs are compiled. */
  readonly compiled: boolean
  /** What the holder did; undefined where there was nothing to try it with. */
  readonly trials:
    | {
        readonly jail: { readonly ok: boolean; readonly words: string }
        readonly overlayOnTmpfs: boolean
      }
    | undefined
  readonly enforceable: Readonly<Partial<Record<BoundName, LimitMeans>>>
  /** Free for the user where images lie. */
  readonly freeBytes: number
}

/** Looks at the machine and tries what can be tried: takes about half a second. Makes the user's folders. */
export function surveyHost(paths: HostPaths = currentPaths()): Survey {
  const user = readIdSource()
  const folders = outcome(() => {
    openPaths(paths)
    return undefined
  })
  const ids = outcome(() => chooseIds(user))
  const programs = findPrograms()
  const kernel = readKernel()
  const compiled = areCompiled(paths)
  const trials = compiled && ids.ok ? tryAll(holderPath(paths), ids.value) : undefined
  const cgroups = readCgroups(user.uid)
  const overlayOnTmpfs = trials?.overlayOnTmpfs ?? atLeast(kernel.version, [6, 6])
  return {
    ...{ user, distribution: readDistribution(), kernel, paths, folders, ids, programs, compiled, trials },
    keyring: existsSync(KEYRING.file),
    tun: tunDevice(),
    enforceable: enforceable({ cgroups, kernel: kernel.version, overlayOnTmpfs }),
    freeBytes: freeBytes(paths.data),
  }
}

function tunDevice(): Survey['tun'] {
  const stats = statSync(TUN_DEVICE, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isCharacterDevice()) return 'missing'
  return (stats.mode & 0o006) === 0o006 ? 'open' : 'closed'
}

function tryAll(holder: string, ids: IdMaps): Survey['trials'] {
  const jail = tryInHolder(holder, ids, ['/bin/true'])
  return { jail, overlayOnTmpfs: jail.ok && tryOverlayOnTmpfs(holder, ids).ok }
}

/** Tools that answer `--version` with theirs; newuidmap(1) has no such flag. */
const TELLS_VERSION = ['crun', 'runc', 'mmdebstrap', 'skopeo', 'nft', 'sqfs2tar']

function findPrograms(): Survey['programs'] {
  return Object.fromEntries(
    REQUIREMENTS.flatMap(({ program, file }) => {
      const found = file === undefined ? findTool(program) : existsSync(file) ? { path: file } : undefined
      if (found === undefined) return []
      const version = TELLS_VERSION.includes(program) ? askVersion(found.path) : undefined
      return [[program, { path: found.path, version }]]
    }),
  )
}

function outcome<T>(act: () => T): Outcome<T> {
  try {
    return { ok: true, value: act() }
  } catch (error) {
    if (error instanceof GloveboxError) return { ok: false, error }
    throw error
  }
}

function freeBytes(path: string): number {
  let folder = path
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
