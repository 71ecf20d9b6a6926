import type { ExamOptions } from '../sdk.ts'
import { enginesOf } from './engines-option.ts'
import { usageError } from './usage-error.ts'

interface Asked {
  readonly engine: readonly string[]
  readonly image: string | undefined
  readonly only: readonly string[]
  readonly foreign: readonly string[]
  readonly 'self-test': boolean
}

/** What is to be examined, of the words of `glovebox exam`. */
export function examSubjects(options: Asked, command: readonly string[]): ExamOptions {
  const engines = enginesOf(options.engine)
  const foreign = listed(options.foreign)
  if (options['self-test'] && engines.length + foreign.length + command.length > 0)
    throw usageError(
      'EXAM_CONFLICT',
      'Cannot examine a sandbox with --self-test: it examines the exam itself.',
      'Leave --self-test, or the sandboxes, away.',
    )
  return {
    ...{ engines, foreign, command, only: listed(options.only) },
    selfTest: options['self-test'],
    ...(options.image === undefined ? {} : { image: options.image }),
  }
}

/** How many engines are examined: one where nothing is named; several sandboxes of others make it no single one. */
export function countEngines({ engines = [], foreign = [], command = [] }: ExamOptions): number {
  if (foreign.length + command.length > 0) return 0
  return Math.max(engines.length, 1)
}

const listed = (words: readonly string[]): string[] =>
  words.flatMap((word) => word.split(',')).filter((name) => name !== '')
