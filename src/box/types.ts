import type { EngineName } from '../plan/types.ts'
import type { Policy } from '../policy/types.ts'

/** What a user asks for; src/plan turns it into a Plan or refuses. */
export interface BoxRequest {
  /** Image name, digest, or name@digest. Default `base`. */
  readonly image?: string
  readonly engine?: EngineName
  readonly policy?: Policy
  /** Command and arguments; the image's own entrypoint and command where absent. */
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly workdir?: string
  /** `name`, `uid` or `uid:gid` as the image knows them. */
  readonly user?: string
  readonly hostname?: string
  /** Keep what the box writes under this name; a second run goes on with it. */
  readonly keep?: string
  /** Keep only the user's home folder, under this name. */
  readonly home?: string
  /** A pseudo-terminal inside; decided by the caller's own standard streams where absent. */
  readonly terminal?: boolean
}

export type BoxState = 'starting' | 'running' | 'exited' | 'kept'

export interface BoxSummary {
  readonly id: string
  readonly name: string | undefined
  readonly state: BoxState
  readonly engine: EngineName
  readonly image: string
  readonly command: readonly string[]
  readonly startedAt: string | undefined
  /** Exit code of the command, where it has ended and the box was kept or detached. */
  readonly exitCode: number | undefined
}

export interface ChangedPath {
  readonly change: 'added' | 'modified' | 'deleted'
  readonly path: string
}
