import { quote } from '../policy/quote.ts'
import { usageError } from './usage-error.ts'

export interface Pair {
  readonly source: string
  readonly destination: string
}

/** `SRC:DST` of --put: the path on this machine may hold colons, the one in the box may not. */
export function splitPut(word: string): Pair {
  return split(word, word.lastIndexOf(':'), '--put page.html:/work/')
}

/** `SRC:DST` of --get. */
export function splitGet(word: string): Pair {
  return split(word, word.indexOf(':'), '--get /work/out.pdf:.')
}

function split(word: string, at: number, example: string): Pair {
  const [source, destination] = [word.slice(0, at), word.slice(at + 1)]
  if (at > 0 && destination !== '') return { source, destination }
  throw usageError(
    'BAD_PAIR',
    `Cannot copy ${quote(word)}: it is not of the form SRC:DST.`,
    `Write it as in: ${example}`,
  )
}

/** A word of `glovebox cp`: `BOX:PATH`, or a path of this machine (`./a:b` where it holds a colon). */
export function parseCopyWord(word: string): { readonly box: string | undefined; readonly path: string } {
  const [, box, path] = /^([A-Za-z0-9][\w.-]*):(.+)$/s.exec(word) ?? []
  return box === undefined || path === undefined ? { box: undefined, path: word } : { box, path }
}
