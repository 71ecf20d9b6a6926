import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  utimesSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ensureFolder, temporaryPath } from './layout.ts'
import { withFileLock } from './lock.ts'
import type { ImageContext } from './unpack.ts'

/** The largest image there may be takes minutes on a slow disk. */
const WAIT_MS = 30 * 60 * 1000

/** A file that is made of other things of the store. */
export interface MadeFile {
  /** Where it ends up. Its name says all that decides its content. */
  readonly path: string
  /** What is being done, for one who waits too long. */
  readonly what: string
  readonly mode: number
  /** Makes it in a folder that the subordinate ids may write in, and returns its path there. */
  readonly make: (folder: string) => Promise<string>
  readonly signal?: AbortSignal | undefined
  /** Its times stay those of its making, as they tell whether it was touched since; gc goes by its name. */
  readonly sealed?: true
}

/**
 * A file that is made on first need: whole or not at all, also after a crash, and by one process at a time. Its time of
 * modification is when it was last asked for, which tells gc what is in use.
 */
export async function makeOnce(context: ImageContext, file: MadeFile): Promise<string> {
  const { path, what, signal } = file
  const isThere = file.sealed ? existsSync : markUsed
  if (isThere(path)) return path
  /* Others may pass through, as a VMM's jail has the subordinate ids; the store above is the user's alone. */
  const above = dirname(path)
  ensureFolder(above)
  chmodSync(above, 0o755)
  return withFileLock(`${path}.lock`, { waitMs: WAIT_MS, askEveryMs: 50, what, signal }, async () => {
    if (isThere(path)) return path
    const folder = temporaryPath(context.places, 'made')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    try {
      const made = await file.make(folder)
      chmodSync(made, file.mode)
      settle(made, path)
      return path
    } finally {
      /* Brings archives along, which a start does not need where everything is made. */
      const { discardTree } = await import('./unpack.ts')
      await discardTree(context, folder)
    }
  })
}

function markUsed(path: string): boolean {
  try {
    const now = new Date()
    utimesSync(path, now, now)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** rename(2) after fsync(2): under its name there is never a part of it. */
function settle(made: string, path: string): void {
  const fd = openSync(made, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(made, path)
}
