import type { Digest, OnProgress } from './types.ts'

export interface ImportOptions {
  readonly name: string
  /** Drop set-user-id bits, file capabilities and device nodes instead of refusing the image. */
  readonly stripPrivileged?: boolean
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
}

export interface Imported {
  readonly digest: Digest
  /** Paths that lost a privilege. */
  readonly stripped: readonly string[]
}
