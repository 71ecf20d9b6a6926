import { printable } from '../../policy/quote.ts'
import type { EngineStatus } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import { hasColour, styled } from '../text.ts'

export const command = defineCommand({
  name: 'engines',
  summary: 'List isolation technologies, and whether they work here',
  usage: '[--json]',
  about:
    'Lists the technologies that --engine can name, what carries each on this machine, and what is missing.',
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox engines', does: 'See what can be chosen' }],
  run: async ({ options }) => {
    const { host } = new Glovebox()
    const engines = await withProgress((onProgress) => host.engines({ onProgress }))
    if (options.json) return printJson(engines)
    for (const engine of engines) printEngine(engine)
    return undefined
  },
})

function printEngine({ name, summary, cannot, runtime, missing, notes, limitations }: EngineStatus): void {
  const colour = hasColour(process.stdout)
  const mark = missing === undefined ? styled('✓', 'green', colour) : styled('✗', 'red', colour)
  printLine(`${mark} ${name.padEnd(10)} ${summary}`)
  if (runtime !== undefined) {
    const platform = runtime.platform === undefined ? '' : `, platform ${runtime.platform}`
    printLine(`             ${printable(`${runtime.path}, version ${runtime.version}${platform}`)}`)
  }
  if (cannot.length > 0) printLine(`             cannot ${cannot.join('; cannot ')}`)
  if (missing !== undefined) printLine(`             ${missing.reason}  → ${missing.remedy}`)
  for (const note of notes) printLine(`             ${note}`)
  for (const { says, remedy } of limitations)
    printLine(`             - ${says}.${remedy === undefined ? '' : `  → ${remedy}`}`)
}
