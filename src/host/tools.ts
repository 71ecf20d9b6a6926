import { accessSync, constants, existsSync, type Stats, statSync } from 'node:fs'

/** Where distributions put programs that an ordinary user's PATH often lacks (Debian's runc and nft lie in /usr/sbin). */
const FURTHER_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** A program of the host. Another file under the same path is another `stamp`. */
export interface FoundTool {
  readonly path: string
  /** Changes with the file: inode, size and time. */
  readonly stamp: string
}

/** Finds a program as the shell would, and in the folders for administrators. Only absolute folders count. */
export function findTool(
  name: string,
  path: string | undefined = process.env['PATH'],
): FoundTool | undefined {
  const folders = (path ?? '').split(':').filter((folder) => folder.startsWith('/'))
  for (const folder of new Set([...folders, ...FURTHER_FOLDERS])) {
    const file = `${folder}/${name}`
    // Asked this way, a folder of PATH that this user may not enter is passed over, as the shell does.
    if (!existsSync(file) || !mayRun(file)) continue
    const stats = statSync(file)
    if (stats.isFile()) return { path: file, stamp: stampOf(stats) }
  }
  return undefined
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Found, but not for this user: the shell goes on looking, too.
    return false
  }
}

function stampOf(stats: Stats): string {
  return `${stats.ino}-${stats.size}-${stats.mtimeMs}`
}

/** The version in the first lines of `TOOL --version`: `crun version 1.8.1`, `runsc version 0.0~20221219.0`. */
export function parseVersion(output: string): string | undefined {
  return /(?:version |\bv?)(\d+\.\d[\w.~+-]*)/.exec(output)?.[1]
}
