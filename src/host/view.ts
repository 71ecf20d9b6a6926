import { existsSync } from 'node:fs'
import { programsHash } from './build-info.ts'
import { readCgroups } from './cgroup-facts.ts'
import { parseRelease, readRelease } from './kernel.ts'
import { LearnedFacts } from './learned.ts'
import { atLeast, type BoundName, enforceable, type LimitMeans, takesCgroups } from './limits.ts'
import type { HostPaths } from './paths.ts'
import { askVersion } from './tool-version.ts'
import { findTool } from './tools.ts'
import { tryOverlayOnTmpfs } from './trials.ts'
import type { IdMaps } from './types.ts'

export type RuntimeName = 'crun' | 'runc' | 'runsc'
/** Those that are taken from the host; runsc comes from the tools image (src/box/runtime.ts). */
export const RUNTIME_NAMES: readonly RuntimeName[] = ['crun', 'runc']

export interface Runtime {
  readonly path: string
  readonly version: string
}

/** What planning needs to know of the machine: a part of the HostView of src/plan/types.ts. */
export interface PlanningView {
  readonly runtimes: Partial<Readonly<Record<RuntimeName, Runtime>>>
  readonly enforceable: Partial<Readonly<Record<BoundName, LimitMeans>>>
  readonly overlayOnTmpfs: boolean
}

/** What a start asks about: what it does not need is not looked at. */
export interface ViewQuestion {
  /** Runtimes that can carry the engine, the preferred one first; the first that is installed is the answer. */
  readonly runtimes: readonly RuntimeName[]
  /** The limits that are to be held. */
  readonly bounds: readonly BoundName[]
}

/**
 * Looks at the machine for one start: small reads, no process, as long as everything that must be tried was tried
 * before. The first time, and after an update of a tool or kernel, it tries and remembers.
 */
export function hostView(paths: HostPaths, ids: IdMaps, asked: ViewQuestion): PlanningView {
  const release = readRelease()
  const kernel = parseRelease(release)
  const learned = new LearnedFacts(paths.facts)
  const holder = holderPath(paths)
  const overlayOnTmpfs = canOverlayOnTmpfs(release, learned, holder, ids)
  const cgroups = takesCgroups(asked.bounds, kernel) ? readCgroups(process.getuid?.() ?? 0) : undefined
  return {
    runtimes: firstRuntime(asked.runtimes, learned),
    enforceable: enforceable({ cgroups, kernel, overlayOnTmpfs }),
    overlayOnTmpfs,
  }
}

function firstRuntime(names: readonly RuntimeName[], learned: LearnedFacts): PlanningView['runtimes'] {
  for (const name of names) {
    const runtime = findRuntime(name, learned)
    if (runtime !== undefined) return { [name]: runtime }
  }
  return {}
}

/** Every runtime that is installed. */
export function findRuntimes(paths: HostPaths): PlanningView['runtimes'] {
  const learned = new LearnedFacts(paths.facts)
  return Object.assign({}, ...RUNTIME_NAMES.map((name) => firstRuntime([name], learned)))
}

/** The compiled holder, whether it is there or not. */
export function holderPath(paths: HostPaths): string {
  return `${programsFolder(paths)}/glovebox-holder`
}

export function resolverPath(paths: HostPaths): string {
  return `${programsFolder(paths)}/glovebox-resolver`
}

export function guestPath(paths: HostPaths): string {
  return `${programsFolder(paths)}/glovebox-guest`
}

/** The library by which this process becomes the holder. */
export function handoverPath(paths: HostPaths): string {
  return `${programsFolder(paths)}/glovebox-handover`
}

/** Whether all three are there. */
export function areCompiled(paths: HostPaths): boolean {
  return [holderPath(paths), guestPath(paths), handoverPath(paths)].every((path) => existsSync(path))
}

/** A folder for each version of the sources: after an update, what an older one compiled is not used. */
export function programsFolder(paths: HostPaths): string {
  return `${paths.programs}/${programsHash()}`
}

/** tmpfs has extended attributes of the user's since this kernel (commit 2daf18a7884d). */
const TMPFS_XATTRS: readonly [number, number] = [6, 6]

function canOverlayOnTmpfs(release: string, learned: LearnedFacts, holder: string, ids: IdMaps): boolean {
  if (!atLeast(parseRelease(release), TMPFS_XATTRS)) return false
  const learn = (): string | undefined =>
    existsSync(holder) && tryOverlayOnTmpfs(holder, ids).ok ? 'works' : undefined
  return learned.get(`overlay-on-tmpfs ${release}`, learn) === 'works'
}

/** One runtime with its version, as far as it is installed. */
function findRuntime(name: RuntimeName, learned: LearnedFacts): Runtime | undefined {
  const found = findTool(name)
  if (found === undefined) return undefined
  const version = learned.get(`version ${found.path} ${found.stamp}`, () => askVersion(found.path))
  return { path: found.path, version: version ?? 'unknown' }
}
