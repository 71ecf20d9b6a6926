import type { AskedNetwork } from './network.ts'
import type { NetworkPolicy } from './network-types.ts'

/** What a box may do. Plain data, parsed once at the border and trusted inside. */
export interface Policy {
  /** none: a namespace with nothing but its own loopback. image: what the image asks for, none or the internet. */
  readonly network: AskedNetwork
  readonly grants: readonly GrantName[]
  readonly limits: Limits
  /** Limits that the user waives where the host cannot enforce them (`--allow-unenforced NAME`). */
  readonly allowUnenforced: readonly LimitName[]
}

/** The same for a box whose image is known. */
export type PlannedPolicy = Policy & { readonly network: NetworkPolicy }

/**
 * A widening of the jail, each with a name that a person reads in `policy show`.
 * - `user-namespaces`: programs may make user namespaces of their own (a browser's own sandbox needs them);
 *   opens more of the kernel to the application (CVE-2021-41133, CVE-2022-0185).
 */
export type GrantName = 'user-namespaces'

/** Absent means: no bound asked for. */
export interface Limits {
  readonly memoryBytes?: number
  /** CPUs' worth of time, 0.5 is half of one. */
  readonly cpus?: number
  /** Processes and threads together. */
  readonly processes?: number
  /** Open files of each process. */
  readonly openFiles?: number
  /** What the box may write, outside of its kept home. */
  readonly diskBytes?: number
  readonly wallMs?: number
}

export type LimitName = 'memory' | 'cpus' | 'processes' | 'open-files' | 'disk' | 'wall'
export const LIMIT_NAMES: readonly LimitName[] = ['memory', 'cpus', 'processes', 'open-files', 'disk', 'wall']
