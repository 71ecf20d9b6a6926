/** A command of a document: what a reader is told to type, and what the document says comes of it. */
export interface DocCommand {
  readonly line: number
  readonly text: string
  /** 0 unless the command ends in a comment `# exits with N`. */
  readonly exitCode: number
  /** The lines below the command in a `console` block; undefined where the document shows no output. */
  readonly output: readonly string[] | undefined
}

interface Fence {
  readonly line: number
  readonly info: string
  readonly lines: readonly string[]
}

/** The fenced blocks of a Markdown text; each must say in its info string what it holds. */
export function readFences(markdown: string): Fence[] {
  const fences: Fence[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const info = lines[at]?.match(/^```(.*)$/)?.[1]?.trim()
    if (info === undefined) continue
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`line ${at + 1}: this block has no end`)
    if (info === '') throw new Error(`line ${at + 1}: this block does not say what it holds`)
    fences.push({ line: at + 1, info, lines: lines.slice(at + 1, end) })
    at = end
  }
  return fences
}

/**
 * The commands of a document in its order: each line of the `sh` blocks, and each line behind `$ ` in the `console`
 * blocks. A block that is not run is `sh no-run: REASON`.
 */
export function readCommands(markdown: string): DocCommand[] {
  return readFences(markdown).flatMap(({ line, info, lines }) => {
    if (/^sh no-run: \S/.test(info)) return []
    if (info === 'sh') return shellLines(lines).map(({ at, text }) => command(line + 1 + at, text, undefined))
    if (info === 'console') return readConsole(line, lines)
    if (/^(ts|json|yaml|text)$/.test(info)) return []
    throw new Error(`line ${line}: blocks of ${JSON.stringify(info)} are not known to test/docs/commands.ts`)
  })
}

/** Joins the lines of one command: those that end in a backslash, and here-documents that end in END. */
function shellLines(lines: readonly string[]): { readonly at: number; readonly text: string }[] {
  const found: { at: number; text: string }[] = []
  for (let at = 0; at < lines.length; at++) {
    const start = at
    let text = lines[at] ?? ''
    while (text.endsWith('\\') || (/<<'END'/.test(text) && lines[at] !== 'END')) {
      at += 1
      if (at >= lines.length) throw new Error(`the command ${JSON.stringify(text)} has no end`)
      text += `\n${lines[at]}`
    }
    if (text.trim() !== '' && !text.startsWith('#')) found.push({ at: start, text })
  }
  return found
}

/** A command of a console block is one line, or a here-document. */
function readConsole(line: number, lines: readonly string[]): DocCommand[] {
  const starts = lines.flatMap((text, at) => (text.startsWith('$ ') ? [at] : []))
  if (starts[0] !== 0) throw new Error(`line ${line}: a console block begins with a command behind "$ "`)
  return starts.map((at, index) => {
    const [first = '', ...below] = lines.slice(at, starts[index + 1])
    const end = /<<'END'/.test(first) ? below.indexOf('END') + 1 : 0
    const text = [first.slice(2), ...below.slice(0, end)].join('\n')
    return command(line + 1 + at, text, below.slice(end))
  })
}

function command(line: number, text: string, output: readonly string[] | undefined): DocCommand {
  return { line, text, exitCode: Number(text.match(/# exits with (\d+)$/)?.[1] ?? 0), output }
}

/**
 * Whether what a command printed is what the document shows: `…` stands for anything within a line, a line of `…`
 * alone for any number of lines. Blanks at the ends of lines do not count.
 */
export function matches(shown: readonly string[], printed: string): boolean {
  const parts = shown.map((line) =>
    line.trim() === '…' ? '(?:.*\n)*?' : `${line.trimEnd().split('…').map(escapeWords).join('.*')}\n`,
  )
  const actual = printed.trimEnd() === '' ? [] : printed.trimEnd().split('\n')
  return new RegExp(`^${parts.join('')}$`).test(actual.map((line) => `${line.trimEnd()}\n`).join(''))
}

const escapeWords = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
