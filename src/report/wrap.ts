/** How text for people is laid out: the width of the terminal, and how it shows a word in a style. */
export interface TextStyle {
  readonly width: number
  /** Returns the text as it is where there is no colour. */
  readonly paint: (text: string, style: 'bold' | 'dim' | 'red' | 'green' | 'yellow') => string
}

/** For files and pipes. */
export const PLAIN: TextStyle = { width: 100, paint: (text) => text }

/** Narrower than this nothing is laid out: words would be cut to letters. */
const LEAST_WIDTH = 30
/** However long the beginning is, something stands behind it. */
const LEAST_ROOM = 10

/**
 * Lines of at most `width` characters: the first begins with `first`, the others with as many blanks. A word that is longer than
 * a line is cut over several.
 */
export function wrapped(text: string, width: number, first = ''): string[] {
  const room = Math.max(Math.max(width, LEAST_WIDTH) - first.length, LEAST_ROOM)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((one, at) => `${at === 0 ? first : ' '.repeat(first.length)}${one}`.trimEnd())
}

function pieces(word: string, room: number): string[] {
  const letters = [...word]
  if (letters.length <= room) return [word]
  const cut: string[] = []
  for (let at = 0; at < letters.length; at += room) cut.push(letters.slice(at, at + room).join(''))
  return cut
}
