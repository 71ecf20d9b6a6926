import { readdirSync, readFileSync, statSync } from 'node:fs'

/** Pids of a process and of all below it. */
export function treeOf(root: number): number[] {
  const found = [root]
  for (const pid of found) found.push(...childrenOf(pid))
  return found
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  )
}

/** Resident memory, shared pages counted in part (proc_pid_smaps(5), Pss). */
export function pssBytes(pid: number): number {
  const found = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
  if (found === null) throw new Error(`The memory of process ${pid} cannot be read.`)
  return Number(found[1]) * 1024
}

export const wordsOf = (pid: number): string[] => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')

/** What the process sees by this path is this very file of the host. */
export function seesFile(pid: number, inside: string, path: string): boolean {
  const [seen, wanted] = [statSync(`/proc/${pid}/root${inside}`), statSync(path)]
  return seen.dev === wanted.dev && seen.ino === wanted.ino
}
