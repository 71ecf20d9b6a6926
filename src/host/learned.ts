import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/**
 * What was tried once and stays true as long as its key does: a tool's version for the stamp of its file, a kernel's
 * abilities for its release. A cache: losing it costs the trials, and nothing that was refused is remembered.
 */
export class LearnedFacts {
  readonly #path: string
  readonly #facts: Map<string, string>

  constructor(path: string) {
    this.#path = path
    this.#facts = new Map(Object.entries(readFacts(path)))
  }

  /** The value under `key`, tried by `learn` where it is not known yet; undefined (not learnt) is not kept. */
  get(key: string, learn: () => string | undefined): string | undefined {
    const known = this.#facts.get(key)
    if (known !== undefined) return known
    const learnt = learn()
    if (learnt === undefined) return undefined
    this.#facts.set(key, learnt)
    this.#write()
    return learnt
  }

  /** Whole or not at all; of two at once one wins, and the other learns again next time. */
  #write(): void {
    // Keys hold stamps of files, so old ones gather with every update of a tool; the newest ones are kept.
    const kept = [...this.#facts].slice(-MOST)
    const unfinished = `${this.#path}.${process.pid}`
    writeFileSync(unfinished, `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`, { mode: 0o600 })
    renameSync(unfinished, this.#path)
  }
}

const MOST = 64

function readFacts(path: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  } catch {
    // Absent or damaged: a cache without anything in it.
    return {}
  }
}
