import type { IdMaps } from '../host/types.ts'
import type { Digest } from '../image/types.ts'
import type { LimitName, Policy } from '../policy/types.ts'

export type EngineName = 'container' | 'gvisor'

/** How the host bounds a limit; `waived` was asked for by `--allow-unenforced`. */
export type Enforcement = 'cgroup2' | 'systemd-scope' | 'cgroup1' | 'rlimit' | 'tmpfs' | 'timer' | 'waived'

/** Everything about one box before anything is started: frozen, printable, the very object that is launched. */
export interface Plan {
  readonly version: 1
  readonly box: { readonly id: string; readonly name: string | undefined; readonly hostname: string }
  readonly engine: EngineName
  readonly runtime: { readonly name: 'crun' | 'runc' | 'runsc'; readonly path: string; readonly version: string; readonly platform?: string }
  readonly image: { readonly ref: string; readonly digest: Digest; readonly trees: readonly string[] }
  readonly ids: IdMaps
  readonly process: ProcessPlan
  readonly policy: Policy
  readonly enforcement: Readonly<Partial<Record<LimitName, Enforcement>>>
  readonly storage: {
    /** Where the box's writes go: memory (gone with the box) or a folder (kept, or where tmpfs cannot carry overlayfs). */
    readonly upper: { readonly kind: 'tmpfs'; readonly sizeBytes: number } | { readonly kind: 'disk'; readonly path: string }
    readonly home: { readonly name: string; readonly path: string; readonly target: string } | undefined
  }
  /** What the user should know before it starts, in sentences. */
  readonly notes: readonly string[]
}

export interface ProcessPlan {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[]; readonly name: string; readonly home: string }
  readonly terminal: boolean
}
