import type { CgroupFacts, Controller } from './cgroup-facts.ts'

/** How a limit can be held; the plan adds `waived`. */
export type LimitMeans = 'cgroup2' | 'systemd-scope' | 'cgroup1' | 'rlimit' | 'tmpfs' | 'timer'
/** The limits of a policy, by the names that its flags have. */
export type BoundName = 'memory' | 'cpus' | 'processes' | 'open-files' | 'disk' | 'wall'

export interface LimitFacts {
  /** Undefined where they were not looked at, as {@link takesCgroups} says. */
  readonly cgroups: CgroupFacts | undefined
  /** Version of the kernel, as [major, minor]. */
  readonly kernel: readonly [major: number, minor: number]
  readonly overlayOnTmpfs: boolean
}

/** RLIMIT_NPROC is counted in the box's own user namespace since this kernel (commit 21d1c5e386bc, ucounts). */
const COUNTED_PER_NAMESPACE: readonly [number, number] = [5, 14]

/** Whether one of these limits is held by a control group, as against by cheaper means. */
export function takesCgroups(bounds: readonly BoundName[], kernel: LimitFacts['kernel']): boolean {
  return bounds.some(
    (name) =>
      name === 'memory' ||
      name === 'cpus' ||
      (name === 'processes' && !atLeast(kernel, COUNTED_PER_NAMESPACE)),
  )
}

/** How each limit can be held on this host; absent where it cannot. Pure. */
export function enforceable(facts: LimitFacts): Readonly<Partial<Record<BoundName, LimitMeans>>> {
  const [memory, cpus, pids] = (['memory', 'cpu', 'pids'] as const).map((name) =>
    byCgroup(name, facts.cgroups),
  )
  // The rlimit comes first: it costs nothing, where a control group costs the start of a systemd scope.
  const processes = atLeast(facts.kernel, COUNTED_PER_NAMESPACE) ? 'rlimit' : pids
  return {
    ...(memory === undefined ? {} : { memory }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(processes === undefined ? {} : { processes }),
    'open-files': 'rlimit',
    ...(facts.overlayOnTmpfs ? { disk: 'tmpfs' as const } : {}),
    wall: 'timer',
  }
}

function byCgroup(controller: Controller, cgroups: CgroupFacts | undefined): LimitMeans | undefined {
  if (cgroups === undefined) return undefined
  if (cgroups.v2?.controllers.includes(controller)) return 'cgroup2'
  if (cgroups.systemd?.controllers.includes(controller)) return 'systemd-scope'
  return cgroups.v1[controller] === undefined ? undefined : 'cgroup1'
}

/** Compares kernel versions. */
export function atLeast(version: readonly [number, number], wanted: readonly [number, number]): boolean {
  return version[0] > wanted[0] || (version[0] === wanted[0] && version[1] >= wanted[1])
}
