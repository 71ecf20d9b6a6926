import { readdirSync, readFileSync } from 'node:fs'

/** Why there is no figure where {@link memoryOf} gives none. */
export const REFUSED = 'this user may not read how much memory its processes take'

/** Pids of a process and of all below it, as far as they are there. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(Number(name))
    if (parent !== undefined) parents.set(Number(name), parent)
  }
  const within = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true
    return false
  }
  return [...parents.keys()].filter(within)
}

/** proc(5), field 4 of stat; the command's name in field 2 may hold anything. */
function parentOf(pid: number): number | undefined {
  const stat = readOptional(`/proc/${pid}/stat`)
  const field = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  return field === undefined ? undefined : Number(field)
}

/**
 * Bytes of memory of processes, pages that several share counted in part (proc(5), smaps_rollup, Pss). A process that has ended
 * meanwhile counts nothing.
 *
 * @returns undefined where this user may not look at one of them
 */
export function memoryOf(pids: readonly number[]): number | undefined {
  let bytes = 0
  for (const pid of pids) {
    const rollup = readRollup(pid)
    if (rollup === 'refused') return undefined
    bytes += Number(/^Pss: +(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024
  }
  return bytes
}

function readRollup(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM' ? 'refused' : '' // ESRCH, ENOENT: it has ended
  }
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined // it has ended
  }
}
