import { type TextStyle, wrapped } from '../wrap.ts'

export interface Cell {
  readonly text: string
  readonly style?: Parameters<TextStyle['paint']>[1]
  /** It says that there is nothing; a block without anything else leaves the row out. */
  readonly absent?: true
}

export interface Row {
  readonly label: string
  /** One for each column; none in a heading. */
  readonly cells: readonly Cell[]
}

const GAP = '  '
const MOST_HEAD = 22

/** Rows under heads, in blocks of as many columns as the width has room for; each is a list of lines. */
export function gridBlocks(heads: readonly string[], rows: readonly Row[], style: TextStyle): string[][] {
  const room = labelRoom(rows, style.width)
  const names = heads.map((name) => (name.length > MOST_HEAD ? `${name.slice(0, MOST_HEAD - 1)}…` : name))
  const widths = names.map((name, at) =>
    Math.max(name.length, ...rows.map(({ cells }) => cells[at]?.text.length ?? 0)),
  )
  const head: Row = { label: '', cells: names.map((text) => ({ text, style: 'bold' })) }
  return columnBlocks(widths, style.width - room).map((columns) =>
    [head, ...rows]
      .filter(({ cells }) => cells.length === 0 || columns.some((at) => cells[at]?.absent !== true))
      .flatMap((row) => rowLines(row, columns, widths, room, style)),
  )
}

function labelRoom(rows: readonly Row[], width: number): number {
  const longest = Math.max(
    0,
    ...rows.filter(({ cells }) => cells.length > 0).map(({ label }) => label.length),
  )
  return Math.min(longest, width < 100 ? 24 : 34)
}

/** As many of the columns as fit, then the next; one at least. */
function columnBlocks(widths: readonly number[], room: number): number[][] {
  const blocks: number[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const [at, width] of widths.entries()) {
    const more = GAP.length + width
    if (used + more > room) {
      blocks.push([at])
      used = more
    } else {
      blocks.at(-1)?.push(at)
      used += more
    }
  }
  return blocks
}

function rowLines(
  { label, cells }: Row,
  columns: readonly number[],
  widths: readonly number[],
  room: number,
  { width, paint }: TextStyle,
): string[] {
  if (cells.length === 0) return ['', ...wrapped(label, width).map((line) => paint(line, 'bold'))]
  const [first = '', ...more] = cut(label, room)
  const shown = columns.map((at) => {
    const { text, style } = cells[at] ?? { text: '' }
    const padded = at === columns.at(-1) ? text : text.padEnd(widths[at] ?? 0)
    return style === undefined ? padded : paint(padded, style)
  })
  return [`${first.padEnd(room)}${GAP}${shown.join(GAP)}`.trimEnd(), ...more.map((line) => `  ${line}`)]
}

/** A long label goes on below, set in. */
function cut(label: string, room: number): string[] {
  if (label.length <= room) return [label]
  const at = Math.max(label.lastIndexOf(' ', room), 1)
  return [label.slice(0, at), label.slice(at + 1)]
}
