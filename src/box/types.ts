import type { EngineName } from '../plan/types.ts'

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

export type { BoxRequest } from '../plan/types.ts'
