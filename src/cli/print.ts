import { printable } from '../policy/quote.ts'

/**
 * Prints a line. Whatever comes from images and boxes goes through `printable` first.
 *
 * @returns undefined, as all here do: what a command ends with when all is well
 */
export function printLine(line: string): undefined {
  endQuietly(process.stdout)
  process.stdout.write(`${line}\n`)
}

/** A reader that has gone (`| head`) ends this program without a word, as SIGPIPE would. */
function endQuietly(stream: NodeJS.WriteStream): void {
  if (stream.listenerCount('error') > 0) return
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(141)
    process.stderr.write(`glovebox: Cannot print: ${error.message}.\n`)
    process.exit(1)
  })
}

/** For programs: one JSON document. JSON.stringify leaves C1 controls in; a terminal may obey those. */
export function printJson(value: unknown): undefined {
  return printLine(safeJson(value))
}

/** JSON whose strings hold no character that a terminal could take for a command. */
export function safeJson(value: unknown): string {
  return withoutControls(JSON.stringify(value, undefined, 2))
}

/** The same of a text that is JSON already. */
export function withoutControls(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Rows under headings, in columns as wide as they need; the last one is cut where the terminal ends. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): undefined {
  for (const line of tableLines(headings, rows, process.stdout.isTTY ? process.stdout.columns : undefined))
    printLine(line)
}

export function tableLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  terminalWidth?: number,
): string[] {
  const cells = [headings, ...rows.map((row) => row.map(printable))]
  const widths = headings.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? '').length)))
  return cells.map((row) => {
    const line = row
      .map((cell, at) => (at === headings.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
    return terminalWidth !== undefined && line.length > terminalWidth
      ? `${line.slice(0, terminalWidth - 1)}…`
      : line
  })
}
