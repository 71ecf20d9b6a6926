import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { readBounded } from './read-bounded.ts'

/** Results that are kept of a kind; older ones go. */
const MOST_KEPT = 50

/** A kind of result that is kept in a folder of the user's, a file each, named by its time. */
export interface KeptKind<Result> {
  readonly mostBytes: number
  /** @throws GloveboxError `invalidCode`, where the text is none */
  readonly parse: (text: string, name: string) => Result
  /** Another version has written it in another shape: it is not there for this one. */
  readonly invalidCode: string
}

/** Writes a result into the user's folder, whole or not at all. */
export function keepFile(folder: string, result: { readonly id: string; readonly startedAt: string }): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = `${result.startedAt.replaceAll(/[^\dTZ]/g, '')}-${result.id}.json`
  const unfinished = join(folder, `.${name}`)
  writeFileSync(unfinished, JSON.stringify(result), { mode: 0o600 })
  renameSync(unfinished, join(folder, name))
  for (const old of namesIn(folder).slice(MOST_KEPT)) rmSync(join(folder, old), { force: true })
}

/**
 * What is kept, the newest first, each read when it is asked for.
 *
 * @throws GloveboxError KEPT_FILE_UNREADABLE where one cannot be read, as a result that nobody sees could be the one that counts
 */
export function* keptIn<Result>(folder: string, kind: KeptKind<Result>): Generator<Result, void> {
  for (const name of namesIn(folder)) {
    const result = keptFile(join(folder, name), kind)
    if (result !== undefined) yield result
  }
}

/** Newest first. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{8}T\d+Z-[\da-f]+\.json$/.test(name))
      .sort()
      .reverse()
  } catch {
    return [] // none was ever kept
  }
}

function keptFile<Result>(
  path: string,
  { mostBytes, parse, invalidCode }: KeptKind<Result>,
): Result | undefined {
  try {
    return parse(readBounded(path, mostBytes), path)
  } catch (error) {
    const gone = !existsSync(path) // another process has kept newer ones meanwhile
    if (gone || (error instanceof GloveboxError && error.code === invalidCode)) return undefined
    throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): GloveboxError {
  return new GloveboxError({
    ...{ code: 'KEPT_FILE_UNREADABLE', audience: 'host', cause },
    message: `Cannot look through what is kept: ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: `See what it is, and remove it: ${path}`,
  })
}
