import type { OnProgress } from './types.ts'

export interface BuildOptions {
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
  /** Build again what is built already. */
  readonly noCache?: boolean
  /** Take what is built without asking the mirror whether it has changed. */
  readonly offline?: boolean
  /** Hold to the versions of the lock file beside the recipe. */
  readonly locked?: boolean
}
