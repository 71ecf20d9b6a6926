import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { readBounded } from './read-bounded.ts'
import { MOST_RESULT_BYTES, parseResult } from './result-schema.ts'
import type { ExamResult } from './result-types.ts'

/** Results that are kept for `exam explain`; older ones go. */
const MOST_KEPT = 50

/** Writes a result into the user's folder, whole or not at all. */
export function keepResult(folder: string, result: ExamResult): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = `${result.startedAt.replaceAll(/[^\dTZ]/g, '')}-${result.id}.json`
  const unfinished = join(folder, `.${name}`)
  writeFileSync(unfinished, JSON.stringify(result), { mode: 0o600 })
  renameSync(unfinished, join(folder, name))
  for (const old of namesIn(folder).slice(MOST_KEPT)) rmSync(join(folder, old), { force: true })
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

/**
 * The result in a file, such as one of `glovebox exam --json`.
 *
 * @throws GloveboxError EXAM_FILE_UNREADABLE, EXAM_RESULT_INVALID
 */
export function readResult(path: string): ExamResult {
  return parseResult(readBounded(path, MOST_RESULT_BYTES), path)
}

/** One that another version has written in another shape is not there for this one. */
function keptResult(path: string): ExamResult | undefined {
  try {
    return readResult(path)
  } catch (error) {
    if (error instanceof GloveboxError && error.code === 'EXAM_RESULT_INVALID') return undefined
    throw error
  }
}

/** The newest kept result that holds this probe, with the subjects that do. */
export function newestResult(folder: string, probe: string): ExamResult | undefined {
  for (const name of namesIn(folder)) {
    const result = keptResult(join(folder, name))
    if (result === undefined) continue
    const subjects = result.subjects.filter(({ findings }) =>
      findings.some((finding) => finding.probe === probe),
    )
    if (subjects.length > 0) return { ...result, subjects }
  }
  return undefined
}
