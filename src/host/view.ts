import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { programsHash } from './build-info.ts'
import { readCgroups } from './cgroup-facts.ts'
import { chooseIds, readIdSource } from './ids.ts'
import { type KernelFacts, readKernel } from './kernel.ts'
import { LearnedFacts } from './learned.ts'
import { atLeast, type BoundName, enforceable, type LimitMeans } from './limits.ts'
import type { HostPaths } from './paths.ts'
import { findTool, parseVersion } from './tools.ts'
import { tryGvisor, tryOverlayOnTmpfs, tryProgram } from './trials.ts'
import type { IdMaps } from './types.ts'

export type RuntimeName = 'crun' | 'runc' | 'runsc'
export const RUNTIME_NAMES: readonly RuntimeName[] = ['crun', 'runc', 'runsc']

export interface Runtime {
  readonly path: string
  readonly version: string
  /** How runsc catches system calls, as it was tried here; absent where none worked. */
  readonly platform?: string
}

/** What planning needs to know of the machine: the HostView of src/plan/types.ts. */
export interface PlanningView {
  readonly ids: IdMaps
  readonly runtimes: Partial<Readonly<Record<RuntimeName, Runtime>>>
  readonly enforceable: Partial<Readonly<Record<BoundName, LimitMeans>>>
  readonly overlayOnTmpfs: boolean
}

/**
 * Looks at the machine for one start: small reads, no process, as long as everything that must be tried was tried
 * before. The first time, and after an update of a tool or kernel, it tries and remembers.
 *
 * @param runtimes the ones asked about; fewer are quicker
 * @throws GloveboxError SUBORDINATE_IDS_MISSING, SUBORDINATE_IDS_UNSAFE
 */
export function hostView(paths: HostPaths, runtimes: readonly RuntimeName[] = RUNTIME_NAMES): PlanningView {
  const ids = chooseIds(readIdSource())
  const kernel = readKernel()
  const learned = new LearnedFacts(paths.facts)
  const holder = holderPath(paths)
  const overlayOnTmpfs = canOverlayOnTmpfs(kernel, learned, holder, ids)
  const cgroups = readCgroups(process.getuid?.() ?? 0)
  return {
    ids,
    runtimes: Object.fromEntries(
      runtimes.flatMap((name) => {
        const runtime = findRuntime(name, learned, holder, ids)
        return runtime === undefined ? [] : [[name, runtime]]
      }),
    ),
    enforceable: enforceable({ cgroups, kernel: kernel.version, overlayOnTmpfs }),
    overlayOnTmpfs,
  }
}

/** The compiled holder, whether it is there or not. */
export function holderPath(paths: HostPaths): string {
  return join(programsFolder(paths), 'glovebox-holder')
}

export function guestPath(paths: HostPaths): string {
  return join(programsFolder(paths), 'glovebox-guest')
}

/** A folder for each version of the sources: after an update, what an older one compiled is not used. */
export function programsFolder(paths: HostPaths): string {
  return join(paths.programs, programsHash())
}

/** tmpfs has extended attributes of the user's since this kernel (commit 2daf18a7884d). */
const TMPFS_XATTRS: readonly [number, number] = [6, 6]

function canOverlayOnTmpfs(kernel: KernelFacts, learned: LearnedFacts, holder: string, ids: IdMaps): boolean {
  if (!atLeast(kernel.version, TMPFS_XATTRS)) return false
  const learn = (): string | undefined =>
    existsSync(holder) && tryOverlayOnTmpfs(holder, ids).ok ? 'works' : undefined
  return learned.get(`overlay-on-tmpfs ${kernel.release}`, learn) === 'works'
}

/** One runtime with its version, as far as it is installed. */
export function findRuntime(
  name: RuntimeName,
  learned: LearnedFacts,
  holder: string,
  ids: IdMaps,
): Runtime | undefined {
  const found = findTool(name)
  if (found === undefined) return undefined
  const key = `${found.path} ${found.stamp}`
  const version = learned.get(`version ${key}`, () =>
    parseVersion(tryProgram([found.path, '--version']).words),
  )
  const platform =
    name === 'runsc' && existsSync(holder)
      ? learned.get(`platform ${key}`, () => tryGvisor(found.path, holder, ids))
      : undefined
  return {
    path: found.path,
    version: version ?? 'unknown',
    ...(platform === undefined ? {} : { platform }),
  }
}
