import { readFileSync, writeFileSync } from 'node:fs'
import { ENGINES } from '../src/engine/index.ts'

export const README = new URL('../README.md', import.meta.url)

const [BEGIN, END] = ['<!-- engines: written by tools/engine-table.ts -->', '<!-- /engines -->']

/** The engines as a Markdown table: what the code itself says of them. */
export function engineTable(): string {
  const rows = Object.values(ENGINES).map(
    (engine) =>
      `| \`${engine.name}\` | ${engine.summary} | ${engine.runtimes.join(', else ')}${engine.runtimeFromTools ? ' of the tools image' : ''} | ${engine.cannot.join(', ')} |`,
  )
  return ['| engine | what it is | OCI runtime | cannot yet |', '|---|---|---|---|', ...rows].join('\n')
}

/** The text with the table of today between its two marks. */
export function withEngineTable(text: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`README.md has no ${BEGIN} with ${END} behind it`)
  return `${text.slice(0, from + BEGIN.length)}\n${engineTable()}\n${text.slice(to)}`
}

/* Run as a program, it writes the table anew; a test fails where it is not what the code says. */
if (import.meta.main) writeFileSync(README, withEngineTable(readFileSync(README, 'utf8')))
