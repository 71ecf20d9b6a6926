import { readFileSync, statSync, writeFileSync } from 'node:fs'

/**
 * Lets Node write its compile cache (the launcher names the folder in NODE_COMPILE_CACHE). Node does so when it ends in
 * order, which a process never does that becomes another one. It is asked once for each version of this file: loading
 * node:module to ask takes more than a millisecond of a start.
 *
 * @param cache the user's cache folder of Glovebox
 * @param command the command that is about to hand over
 */
export function keepCompiled(cache: string, command: string): void {
  const mark = `${cache}/compile/${command}`
  const { mtimeMs, size } = statSync(import.meta.filename)
  const version = `${process.version} ${import.meta.filename} ${mtimeMs} ${size}\n`
  if (readOptional(mark) === version) return
  const folder = process.getBuiltinModule('node:module').getCompileCacheDir()
  if (folder?.startsWith(`${cache}/`) !== true) return
  process.getBuiltinModule('node:module').flushCompileCache()
  writeFileSync(mark, version, { mode: 0o600 })
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not written yet, or not to be read: then it is written anew.
    return undefined
  }
}
