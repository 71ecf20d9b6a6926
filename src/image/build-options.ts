import type { PackageLock } from './package-lock.ts'
import type { OnProgress } from './types.ts'

export interface BuildOptions {
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
  /** Build again what is built already. */
  readonly noCache?: boolean
  /** Take what is built without asking the mirror whether it has changed. */
  readonly offline?: boolean
  /** Hold to the versions of the lock file. */
  readonly locked?: boolean
  /**
   * The lock file: read where `locked`, else written. Without it, that of a recipe file lies beside it
   * (`web.yaml`: `web.lock.json`), and a recipe that comes with Glovebox has none written.
   */
  readonly lockFile?: string
}

/** A build under way: a lock that is to be held to is read by now. */
export interface BuildRun extends BuildOptions {
  readonly lock?: { readonly content: PackageLock; readonly file: string }
}
