import { writeFileSync } from 'node:fs'
import { comparisonPage } from '../report/side-by-side/page.ts'
import { comparisonTable } from '../report/side-by-side/terminal.ts'
import type { Comparison } from '../sdk.ts'
import { Glovebox } from '../sdk.ts'
import { type CompareOptions, jsonBeside } from './compare-options.ts'
import { printJson, printLine, safeJson } from './print.ts'
import { textStyle } from './text-style.ts'

/** Prints the comparison, and writes its page with the JSON beside it where one was asked for. */
export async function writeComparison(
  comparison: Comparison,
  { json, output }: Pick<CompareOptions, 'json' | 'output'>,
): Promise<void> {
  if (json) printJson(comparison)
  else printLine(comparisonTable(comparison, textStyle()))
  if (output === undefined) return
  writeFileSync(output, comparisonPage(comparison, await new Glovebox().exams.probes()))
  writeFileSync(jsonBeside(output), `${safeJson(comparison)}\n`)
}
