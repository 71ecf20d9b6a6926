import type { Asset, Attacker, Severity, Subject, Verdict } from './types.ts'

/** A whole exam as data: what `--json` prints, and what reports, `diff` and certificates are made from. */
export interface ExamResult {
  readonly version: 1
  readonly id: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt: string
  readonly glovebox: string
  readonly host: HostRecord
  /** What was asked for; `all` of the catalogue, or these. */
  readonly only: readonly string[] | 'all'
  readonly subjects: readonly SubjectResult[]
}

/** The machine that the exam speaks of. */
export interface HostRecord {
  readonly kernel: string
  readonly machine: string
  readonly distribution: string
  readonly uid: number
  readonly cpu: string
  /** Active Linux security modules, as the kernel lists them; empty where it does not say. */
  readonly lsm: string
}

export interface SubjectRecord {
  readonly kind: Subject['kind']
  readonly name: string
  /** The command line, with `{}` for the probe program. */
  readonly argv: readonly string[]
  /** Name and version of each tool that makes it: `crun 1.8.1`, `bubblewrap 0.8.0`. */
  readonly tools: readonly string[]
  readonly engine?: string
  readonly image?: { readonly ref: string; readonly digest: string }
  /** sha256 of the policy's canonical JSON, and the policy in words. */
  readonly policy?: { readonly digest: string; readonly says: readonly string[] }
  /** Emulation and the like, which a reader must know. */
  readonly notes: readonly string[]
}

export interface SubjectResult {
  readonly subject: SubjectRecord
  /** Why it never came up. */
  readonly neverStarted?: string
  readonly findings: readonly Finding[]
  readonly milliseconds: number
}

export interface ControlResult {
  readonly state: 'reached' | 'not reached' | 'failed'
  readonly evidence: string
}

export interface Controls {
  /** Without a sandbox: must reach. */
  readonly bare: ControlResult
  /** In the reference box with this hole open: must reach. */
  readonly holed: ControlResult
  /** Without a canary: must not reach. */
  readonly negative: ControlResult
}

export interface Finding {
  readonly probe: string
  readonly number: number
  readonly asset: Asset
  readonly title: string
  readonly severity: Severity
  readonly attacker: Attacker
  readonly verdict: Verdict
  /** One line: the evidence of a breach, or why it is not one. Hostile text is escaped already. */
  readonly reason: string
  readonly controls?: Controls
  /** What each attempt in the box came to. */
  readonly attempts: readonly {
    readonly reached: boolean
    readonly failed: boolean
    readonly evidence: string
  }[]
  readonly milliseconds: number
}
