import { writeFileSync } from 'node:fs'
import { comparisonDocument } from '../report/side-by-side/markdown.ts'
import { comparisonPage } from '../report/side-by-side/page.ts'
import { comparisonTable } from '../report/side-by-side/terminal.ts'
import type { Comparison } from '../sdk.ts'
import { Glovebox } from '../sdk.ts'
import { type CompareOptions, jsonBeside } from './compare-options.ts'
import { printJson, printLine, safeJson } from './print.ts'
import { textStyle } from './text-style.ts'

/** Prints the comparison, and writes what was asked for: a document, and a page with the JSON beside it. */
export async function writeComparison(
  comparison: Comparison,
  { json, output, markdown }: Pick<CompareOptions, 'json' | 'output' | 'markdown'>,
): Promise<void> {
  if (json) printJson(comparison)
  else printLine(comparisonTable(comparison, textStyle()))
  if (markdown !== undefined) writeFileSync(markdown, comparisonDocument(comparison))
  if (output === undefined) return
  writeFileSync(output, comparisonPage(comparison, await new Glovebox().exams.probes()))
  writeFileSync(jsonBeside(output), `${safeJson(comparison)}\n`)
}
