import { readdirSync, readlinkSync } from 'node:fs'

/** Which network namespace a process is in; undefined for one that is gone. */
export function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    // It has ended since.
    return undefined
  }
}

/** Ends every process in these network namespaces, until a look finds none: one that forks may be faster than a look. */
export function endAllIn(networks: readonly (string | undefined)[]): void {
  const own = new Set(networks.filter((network) => network !== undefined))
  for (let found = processesIn(own); found.length > 0; found = processesIn(own))
    for (const pid of found) end(pid)
}

const processesIn = (networks: ReadonlySet<string>): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => networks.has(networkOf(pid) ?? ''))

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
