import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { type CgroupFacts, type Controller, readCgroups } from './cgroup-facts.ts'
import type { BoundName, LimitMeans } from './limits.ts'

/** The bounds that control groups can hold. */
export interface Bounds {
  readonly memoryBytes?: number
  readonly cpus?: number
  readonly processes?: number
}

/** A file of a cgroup and what is written into it. `optional`: kernels without swap accounting do not have it. */
interface Setting {
  readonly file: string
  readonly value: string
  readonly optional?: true
}

/** One folder to make, with its settings in order. */
export interface BoxCgroup {
  readonly dir: string
  readonly settings: readonly Setting[]
}

/** The period of the CPU quota that both versions have by default, in microseconds. */
const PERIOD_US = 100_000
const BOUND: Readonly<Record<Controller, { readonly name: BoundName; readonly field: keyof Bounds }>> = {
  memory: { name: 'memory', field: 'memoryBytes' },
  cpu: { name: 'cpus', field: 'cpus' },
  pids: { name: 'processes', field: 'processes' },
}

/** What must be made to hold the bounds of one box that the plan leaves to cgroup v2 or v1. Pure. */
export function planCgroups(
  facts: CgroupFacts,
  enforcement: Enforcement,
  bounds: Bounds,
  boxId: string,
): BoxCgroup[] {
  const groups = new Map<string, Setting[]>()
  for (const controller of ['memory', 'cpu', 'pids'] as const) {
    const { name, field } = BOUND[controller]
    const bound = bounds[field]
    const means = enforcement[name]
    if (bound === undefined || (means !== 'cgroup2' && means !== 'cgroup1')) continue
    const parent = means === 'cgroup2' ? facts.v2?.parent : facts.v1[controller]
    if (parent === undefined) throw new Error(`No ${means} for ${controller}, though the plan says so.`)
    const dir = join(parent, `glovebox-${boxId}`)
    const settings = (means === 'cgroup2' ? SETTINGS_V2 : SETTINGS_V1)[controller](bound)
    groups.set(dir, [...(groups.get(dir) ?? []), ...settings])
  }
  return [...groups].map(([dir, settings]) => ({ dir, settings }))
}

type Settings = Readonly<Record<Controller, (bound: number) => readonly Setting[]>>

/** Documentation/admin-guide/cgroup-v2.rst. Without a bound on swap a box would push the rest of its memory there. */
const SETTINGS_V2: Settings = {
  memory: (bytes) => [
    { file: 'memory.max', value: String(bytes) },
    { file: 'memory.swap.max', value: '0', optional: true },
  ],
  cpu: (cpus) => [{ file: 'cpu.max', value: `${Math.round(cpus * PERIOD_US)} ${PERIOD_US}` }],
  pids: (count) => [{ file: 'pids.max', value: String(count) }],
}

/** Documentation/admin-guide/cgroup-v1/memory.rst (memsw may not be set before the limit), sched-bwc.rst, pids.rst. */
const SETTINGS_V1: Settings = {
  memory: (bytes) => [
    { file: 'memory.limit_in_bytes', value: String(bytes) },
    { file: 'memory.memsw.limit_in_bytes', value: String(bytes), optional: true },
  ],
  cpu: (cpus) => [
    { file: 'cpu.cfs_period_us', value: String(PERIOD_US) },
    { file: 'cpu.cfs_quota_us', value: String(Math.round(cpus * PERIOD_US)) },
  ],
  pids: (count) => [{ file: 'pids.max', value: String(count) }],
}

/** How a plan says that each limit is held: see {@link LimitMeans}; `waived` ones are not. */
export type Enforcement = Readonly<Partial<Record<BoundName, LimitMeans | 'machine' | 'waived'>>>

/**
 * The control groups that one box needs on this machine, to be written down before they are made: what a kill leaves
 * is then known to gc. Nothing is looked up where the plan needs none.
 */
export function cgroupsFor(boxId: string, bounds: Bounds, enforcement: Enforcement): BoxCgroup[] {
  const means = Object.values(enforcement)
  if (!means.includes('cgroup2') && !means.includes('cgroup1')) return []
  return planCgroups(readCgroups(process.getuid?.() ?? 0), enforcement, bounds, boxId)
}

/**
 * Makes control groups with their bounds, for the supervisor, which puts the box into them and in the end removes
 * them. Either all are made or none is left.
 *
 * @throws GloveboxError CGROUP_FAILED
 */
export function makeCgroups(groups: readonly BoxCgroup[]): void {
  const made: string[] = []
  try {
    for (const { dir, settings } of groups) {
      /* A kept box whose supervisor was killed has left its old one, with the old bounds. */
      tryRemove(dir)
      mkdirSync(dir)
      made.push(dir)
      for (const { file, value, optional } of settings)
        if (!optional || existsSync(join(dir, file))) writeFileSync(join(dir, file), value)
    }
  } catch (cause) {
    for (const dir of made.toReversed()) tryRemove(dir)
    throw new GloveboxError({
      code: 'CGROUP_FAILED',
      audience: 'host',
      message: `Cannot bound the box: its control group could not be set up (${(cause as Error).message}).`,
      remedy: 'Ask glovebox doctor, or go on without the bound by: --allow-unenforced NAME',
      cause,
    })
  }
}

/** Processes that were killed leave their cgroup a moment later, when the kernel has taken them apart. */
const EMPTYING_MS = 5000
const ASK_EVERY_MS = 10

/**
 * Removes the control groups of a box that has ended, and waits for their last processes to be gone.
 *
 * @returns the ones that still hold a process, and stay
 */
export async function removeCgroups(dirs: readonly string[]): Promise<string[]> {
  const end = Date.now() + EMPTYING_MS
  for (;;) {
    const left = dirs.filter((dir) => !tryRemove(dir))
    if (left.length === 0 || Date.now() >= end) return left
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
}

/** Whether the folder is gone; a cgroup that holds a process is busy (cgroup-v2.rst, "Basic Operations"). */
function tryRemove(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EBUSY') return false
    throw error
  }
}

/**
 * The words that start a command in a systemd scope with the bounds (systemd-run(1), systemd.resource-control(5)), to
 * be put before its own. systemd-run --scope becomes the command itself, so the pid stays and nothing remains between.
 */
export function scopeWords(boxId: string, bounds: Bounds, enforcement: Enforcement): string[] {
  const properties = (['memory', 'cpu', 'pids'] as const).flatMap((controller) => {
    const { name, field } = BOUND[controller]
    const bound = bounds[field]
    if (bound === undefined || enforcement[name] !== 'systemd-scope') return []
    return SCOPE_PROPERTIES[controller](bound).flatMap((property) => ['--property', property])
  })
  if (properties.length === 0) return []
  const who = process.getuid?.() === 0 ? [] : ['--user']
  const unit = `--unit=glovebox-${boxId}`
  return [SYSTEMD_RUN, ...who, '--scope', '--quiet', '--collect', unit, ...properties, '--']
}

/** Absolute, as nothing is looked up in PATH where it is executed. */
const SYSTEMD_RUN = '/usr/bin/systemd-run'

const SCOPE_PROPERTIES: Readonly<Record<Controller, (bound: number) => readonly string[]>> = {
  memory: (bytes) => [`MemoryMax=${bytes}`, 'MemorySwapMax=0'],
  // A percentage of one CPU, without decimals.
  cpu: (cpus) => [`CPUQuota=${Math.max(1, Math.round(cpus * 100))}%`],
  pids: (count) => [`TasksMax=${count}`],
}
