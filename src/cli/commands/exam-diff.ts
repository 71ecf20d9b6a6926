import { readBounded } from '../../exam/read-bounded.ts'
import { MOST_RESULT_BYTES, parseResult } from '../../exam/result-schema.ts'
import { compareExams, comparisonExitCode } from '../../report/compare.ts'
import { comparisonReport } from '../../report/comparison.ts'
import type { ExamResult } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { textStyle } from '../text-style.ts'

const read = (path: string): ExamResult => parseResult(readBounded(path, MOST_RESULT_BYTES), path)

export const command = defineCommand({
  name: 'exam diff',
  summary: 'Say what changed between two exams',
  usage: 'BEFORE AFTER [--json]',
  about: `Compares two results that glovebox exam --json has printed: which verdicts changed, what got worse first, and what \
changed of the kernel, the tools, the policy and the image. The exit code is 1 where anything got worse.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 2, most: 2, names: ['BEFORE', 'AFTER'] },
  examples: [
    { command: 'glovebox exam diff before.json after.json', does: 'See what an update has changed' },
  ],
  run: ({ options, words: [before = '', after = ''] }) => {
    const comparison = compareExams(read(before), read(after))
    if (options.json) printJson(comparison)
    else printLine(comparisonReport(comparison, textStyle()))
    return comparisonExitCode(comparison)
  },
})
