import { type KeptKind, keepFile, keptIn } from './kept-files.ts'
import { readBounded } from './read-bounded.ts'
import { MOST_RESULT_BYTES, parseResult } from './result-schema.ts'
import type { ExamResult } from './result-types.ts'

const KIND: KeptKind<ExamResult> = {
  ...{ mostBytes: MOST_RESULT_BYTES, parse: parseResult, invalidCode: 'EXAM_RESULT_INVALID' },
}

/** Keeps a result for `exam explain` and for choices. */
export const keepResult = (folder: string, result: ExamResult): void => keepFile(folder, result)

/** What is kept, the newest first, each read when it is asked for. */
export const keptResults = (folder: string): Generator<ExamResult, void> => keptIn(folder, KIND)

/**
 * The result in a file, such as one of `glovebox exam --json`.
 *
 * @throws GloveboxError EXAM_FILE_UNREADABLE, EXAM_RESULT_INVALID
 */
export function readResult(path: string): ExamResult {
  return parseResult(readBounded(path, MOST_RESULT_BYTES), path)
}

/** The newest kept result that holds this probe, with the subjects that do. */
export function newestResult(folder: string, probe: string): ExamResult | undefined {
  for (const result of keptResults(folder)) {
    const subjects = result.subjects.filter(({ findings }) =>
      findings.some((finding) => finding.probe === probe),
    )
    if (subjects.length > 0) return { ...result, subjects }
  }
  return undefined
}
