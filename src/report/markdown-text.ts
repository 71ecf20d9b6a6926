import { printable } from '../policy/quote.ts'

/* Parts of a document in Markdown. What boxes say is hostile, and passes through `plain` on its way in. */

/** Text without what Markdown or HTML would take for a sign (CommonMark, backslash escapes), or a reader of GitHub for a link. */
export function plain(text: string): string {
  return printable(text)
    .replaceAll(/[\\`*_{}[\]<>|#&!~@$]/g, (sign) => `\\${sign}`)
    .replaceAll(/:(?=\/\/)|(?<=\bwww)\./gi, (sign) => `\\${sign}`)
    .replace(/^(\s*)([-+=](?!\d))/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
}

export const list = (lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', ...lines.map((line) => `- ${line}`)]

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** Lines as they are, in a fence that no line of theirs can end: a fence needs its own line (CommonMark, fenced code blocks). */
export function code(lines: readonly string[]): string[] {
  const shown = lines.map(printable)
  const ticks = Math.max(2, ...shown.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)))
  const fence = '`'.repeat(ticks + 1)
  return ['', `${fence}text`, ...shown, fence]
}
