import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
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

/**
 * Looks at what is to be copied into a box before the box is started.
 *
 * @throws GloveboxError PATH_MISSING
 */
export function checkSource(path: string): void {
  const why = reasonAgainst(path, () => true)
  if (why !== undefined) throw missing(`Cannot copy ${quote(path)} into the box: ${why}.`)
}

/**
 * Looks at the place for what comes out of a box: a folder, or a new name in one. Asked before the command runs, so
 * that its results are not lost for a misspelt path.
 *
 * @throws GloveboxError PATH_MISSING
 */
export function checkDestination(path: string): void {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path)
  const why = reasonAgainst(folder, (isDirectory) => isDirectory)
  if (why !== undefined) throw missing(`Cannot copy to ${quote(path)}: the folder ${quote(folder)}: ${why}.`)
}

function reasonAgainst(path: string, accept: (isDirectory: boolean) => boolean): string | undefined {
  try {
    return accept(statSync(path).isDirectory()) ? undefined : 'it is no folder'
  } catch (error) {
    return getSystemErrorMessage((error as NodeJS.ErrnoException).errno ?? 0)
  }
}

const missing = (message: string): Error =>
  usageError('PATH_MISSING', message, 'See that the path of this machine is right.')
