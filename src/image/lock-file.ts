import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { randomHex } from '../host/random.ts'
import { type PackageLock, parseLock } from './package-lock.ts'

/** Where the lock of a recipe lies unless it is named: beside it, `web.yaml` has `web.lock.json`. */
export const lockFileOf = (recipeFile: string): string =>
  `${resolve(recipeFile).replace(/\.ya?ml$/, '')}.lock.json`

/** @throws GloveboxError LOCK_MISSING, LOCK_INVALID */
export function readLockFile(path: string): PackageLock {
  try {
    return parseLock(readFileSync(path, 'utf8'), path)
  } catch (cause) {
    if (cause instanceof GloveboxError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    throw new GloveboxError({
      code: 'LOCK_MISSING',
      audience: 'usage',
      message: `Cannot build as locked: ${path} ${code === 'ENOENT' ? 'is not there' : `cannot be read (${message})`}.`,
      remedy: `Build once without --locked to have it written, or name another: --lock-file FILE`,
      cause,
    })
  }
}

/**
 * Writes a lock file, where it says something new.
 *
 * @throws GloveboxError LOCK_UNWRITABLE
 */
export function writeLockFile(path: string, text: string): void {
  try {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return
    const unfinished = `${path}.${randomHex(6)}`
    try {
      writeFileSync(unfinished, text, { flag: 'wx' })
      renameSync(unfinished, path)
    } finally {
      rmSync(unfinished, { force: true })
    }
  } catch (cause) {
    throw new GloveboxError({
      code: 'LOCK_UNWRITABLE',
      audience: 'usage',
      message: `The image is built, but its lock file ${path} cannot be written: ${(cause as Error).message}.`,
      remedy: 'Choose where it goes: --lock-file FILE',
      cause,
    })
  }
}
