import { appendFileSync, closeSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import type { Plan } from '../plan/types.ts'
import type { BoxFolders } from './state.ts'

/** A journal of this size becomes the older one, and the one before is gone: some thousand boxes are remembered. */
const JOURNAL_BYTES = 256 * 1024

/** Where every process that acts on boxes writes down what happened, a line of JSON each (native/journal.c, too). */
export function journalOf(folders: BoxFolders): string {
  return `${folders.runtime.slice(0, folders.runtime.lastIndexOf('/'))}/events`
}

/** What is told of a new box; of its command only the program, as arguments may hold secrets. */
export function createdEvent(plan: Plan): Readonly<Record<string, unknown>> {
  const { box, engine, image, process } = plan
  const name = box.name === undefined ? {} : { name: box.name }
  return { type: 'created', ...name, engine, image: image.ref, program: process.args[0] }
}

/** Appends an event. */
export function writeEvent(folders: BoxFolders, box: string, event: Readonly<Record<string, unknown>>): void {
  const path = journalOf(folders)
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > JOURNAL_BYTES) renameSync(path, `${path}.1`)
  appendFileSync(path, `${JSON.stringify({ timeMs: Date.now(), box, ...event })}\n`, { mode: 0o600 })
}

/** Reads the lines of a journal as they come, across its change to a new file. */
export class JournalReader {
  readonly #path: string
  #inode: number | undefined
  #offset = 0

  constructor(folders: BoxFolders) {
    this.#path = journalOf(folders)
  }

  /** The whole lines since the last call; at the first one, all there are. */
  read(): string[] {
    const lines: string[] = []
    const now = inodeOf(this.#path)
    if (now !== this.#inode) {
      const older = `${this.#path}.1`
      if (this.#inode === undefined || inodeOf(older) === this.#inode) lines.push(...this.#rest(older))
      this.#inode = now
      this.#offset = 0
    }
    return now === undefined ? lines : [...lines, ...this.#rest(this.#path)]
  }

  #rest(path: string): string[] {
    const text = readFrom(path, this.#offset)
    const end = text.lastIndexOf('\n') + 1
    this.#offset += Buffer.byteLength(text.slice(0, end))
    return text.slice(0, end).split('\n').slice(0, -1)
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino

/** Bounded, as a file that somebody else has made larger is none of ours. */
function readFrom(path: string, offset: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= offset) return ''
  const bytes = Buffer.alloc(Math.min(size - offset, 4 * JOURNAL_BYTES))
  const fd = openSync(path, 'r')
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset)).toString()
  } finally {
    closeSync(fd)
  }
}
