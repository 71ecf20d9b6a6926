import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GloveboxError } from '../errors.ts'
import { identityOf, isAlive, type ProcessIdentity } from '../host/process-identity.ts'
import type { StorePlaces } from './layout.ts'

/** The index is held for a few milliseconds; who waits this long waits for something that is stuck. */
const WAIT_MS = 30_000
const ASK_EVERY_MS = 10

/**
 * Does `work` while no other process changes the store's index. The lock is a file that names its owner; one whose
 * owner is gone (a killed build) is taken over.
 *
 * @throws GloveboxError STORE_BUSY
 */
export async function withIndexLock<T>(places: StorePlaces, work: () => T): Promise<T> {
  const path = join(places.root, 'index.lock')
  const end = Date.now() + WAIT_MS
  while (!take(path)) {
    if (Date.now() > end)
      throw new GloveboxError({
        code: 'STORE_BUSY',
        audience: 'host',
        message: `Cannot change the image store: another process has held ${path} for ${WAIT_MS / 1000} seconds.`,
        remedy: 'See what it does, and try again when it has ended.',
      })
    await sleep(ASK_EVERY_MS)
  }
  try {
    return work()
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
  if (ownerIsGone(path)) rmSync(path, { force: true })
  return false
}

function ownerIsGone(path: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity)
  } catch {
    /* Released just now, or not written yet: asked again soon. */
    return false
  }
}
