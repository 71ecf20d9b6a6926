import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Scene } from '../../scene.ts'

/** Places where the inside is to write, and what must be there for it. */
export interface Targets extends Disposable {
  /** Names of those that hold the text now. */
  holding(text: string): string[]
}

/**
 * Makes the folders of these files where they are missing, and remembers the files. All goes at the end: the files, then the
 * folders that were made.
 *
 * @param files what the place is called → path, whose name holds a nonce
 */
export function targets(scene: Scene, files: Readonly<Record<string, string>>): Targets {
  const made: string[] = []
  for (const path of Object.values(files)) {
    scene.remember({ kind: 'path', path })
    makeFolders(dirname(path), made)
  }
  return {
    holding: (text) => Object.entries(files).flatMap(([name, path]) => (contains(path, text) ? [name] : [])),
    [Symbol.dispose]: () => {
      for (const path of Object.values(files)) rmSync(path, { force: true })
      // What another program has put into one meanwhile keeps it.
      for (const folder of made.reverse()) if (readdirSync(folder).length === 0) rmdirSync(folder)
    },
  }
}

function makeFolders(folder: string, made: string[]): void {
  if (existsSync(folder)) return
  makeFolders(dirname(folder), made)
  mkdirSync(folder, { mode: 0o700 })
  made.push(folder)
}

function contains(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(text)
  } catch {
    return false // nothing has been written there
  }
}
