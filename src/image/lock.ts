import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { identityOf, isAlive, type ProcessIdentity } from '../host/process-identity.ts'
import { randomHex } from '../host/random.ts'
import { type StorePlaces, temporaryPath } from './layout.ts'

/** The index is held for a few milliseconds; who waits this long waits for something that is stuck. */
const INDEX_WAIT_MS = 30_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

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
    breakStale(path)
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

/** The file appears with its content or not at all (link(2)): a kill in between leaves no lock that nobody owns. */
function take(path: string): boolean {
  const mine = `${path}.${process.pid}-${randomHex(6)}`
  writeFileSync(mine, JSON.stringify(identityOf(process.pid)), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/**
 * Removes the lock of a dead owner. Two that see the same dead owner must not both remove it, as the second would
 * remove what the first has taken since: so who breaks it holds a lock for that, and looks again.
 */
function breakStale(path: string): void {
  if (!isStale(path)) return
  const guard = `${path}.breaking`
  if (take(guard)) {
    if (isStale(path)) rmSync(path, { force: true })
    rmSync(guard, { force: true })
  } else if (isStale(guard)) {
    rmSync(guard, { force: true })
  }
}

/** Whether the owner of a lock is gone. */
export function isStale(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity)
  } catch {
    /* Released just now. */
    return false
  }
}

/**
 * Does long work that puts things into the store which its index does not name yet: while it lasts, nothing that
 * nothing names is removed.
 */
export async function withLease<T>(places: StorePlaces, work: () => Promise<T>): Promise<T> {
  const path = temporaryPath(places, 'lease')
  await withIndexLock(places, () =>
    writeFileSync(path, JSON.stringify(identityOf(process.pid)), { mode: 0o600 }),
  )
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Whether somebody is at such work; the lease of a process that was killed counts no more. */
export function isLeased(places: StorePlaces): boolean {
  const leases = readdirSync(places.temporary).filter((name) => name.startsWith('lease-'))
  return leases.some((name) => !isStale(join(places.temporary, name)))
}
