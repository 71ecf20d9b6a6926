import { readdirSync, readFileSync } from 'node:fs'

/** The first of these files of the host that can be read; empty where none can. */
export function readFirst(...paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trimEnd()
    } catch {
      // not on this machine, or not for this user
    }
  }
  return ''
}

/** Names in a folder of the host, in order; none where it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return [] // not on this machine
  }
}

/** Characters from which on a number is taken for one that no other machine has. */
const LEAST = 8
/** What makers write where they have nothing to write. */
const NOTHING = /^(?:[0 ]*|f*|none|not .*|default string|to be filled.*|system .*|unknown|n\/a)$/i

/** The first that tells a machine from others. */
export const firstTelling = (values: readonly string[]): string | undefined =>
  values.map((value) => value.trim()).find((value) => value.length >= LEAST && !NOTHING.test(value))
