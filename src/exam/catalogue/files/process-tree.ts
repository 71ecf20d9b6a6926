import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** Processes of this machine, by the number of their parent. */
function children(): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) found.set(parent, [...(found.get(parent) ?? []), Number(name)])
  }
  return found
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold anything (proc_pid_stat(5)).
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined // it has ended
  }
}

/** A process and all below it, now. */
export function treeOf(root: number): number[] {
  const below = children()
  const tree = [root]
  for (const pid of tree) tree.push(...(below.get(pid) ?? []))
  return tree
}

/**
 * The file of the host that a process executes, as DEVICE:INODE; undefined where it may not be seen, or is no file of the host's
 * tree: a box has programs of its own.
 */
export function executableOf(pid: number): string | undefined {
  const executed = identityOfFile(`/proc/${pid}/exe`)
  return executed !== undefined && executed === identityOfFile(nameOf(pid)) ? executed : undefined
}

function nameOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return '' // it has ended
  }
}

export function identityOfFile(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined // gone, or another user's
  }
}
