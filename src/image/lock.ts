import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GloveboxError } from '../errors.ts'
import { identityOf, isAlive, type ProcessIdentity } from '../host/process-identity.ts'
import type { StorePlaces } from './layout.ts'

/** The index is held for a few milliseconds; who waits this long waits for something that is stuck. */
const INDEX_WAIT_MS = 30_000

/** How a lock is waited for. */
export interface LockWait {
  readonly waitMs: number
  readonly askEveryMs: number
  /** What is locked, as a sentence has it. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Does `work` while no other process changes the store's index.
 *
 * @throws GloveboxError STORE_BUSY
 */
export async function withIndexLock<T>(places: StorePlaces, work: () => T): Promise<T> {
  const wait = { waitMs: INDEX_WAIT_MS, askEveryMs: 10, what: 'change the image store' }
  return withFileLock(join(places.root, 'index.lock'), wait, work)
}

/**
 * Does `work` while no other holds the lock. The lock is a file that names its owner; one whose owner is gone (a killed
 * build) is taken over.
 *
 * @throws GloveboxError STORE_BUSY; the signal's reason where it was aborted
 */
export async function withFileLock<T>(
  path: string,
  wait: LockWait,
  work: () => T | Promise<T>,
): Promise<Awaited<T>> {
  const end = Date.now() + wait.waitMs
  while (!take(path)) {
    wait.signal?.throwIfAborted()
    if (Date.now() > end)
      throw new GloveboxError({
        code: 'STORE_BUSY',
        audience: 'host',
        message: `Cannot ${wait.what}: another process has held ${path} for ${wait.waitMs / 1000} seconds.`,
        remedy: 'See what it does, and try again when it has ended.',
      })
    await sleep(wait.askEveryMs)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

function take(path: string): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600)
    writeSync(fd, JSON.stringify(identityOf(process.pid)))
    closeSync(fd)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (isStale(path)) rmSync(path, { force: true })
  return false
}

/** Whether the owner of a lock is gone. */
export function isStale(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity)
  } catch {
    /* Released just now, or not written yet: asked again soon. */
    return false
  }
}
