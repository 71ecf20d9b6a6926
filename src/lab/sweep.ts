import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs'

/** Which network namespace a process is in; undefined for one that is gone. */
export function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    // It has ended since.
    return undefined
  }
}

/**
 * Ends every process in the network namespaces of these, until a look finds none: one that forks may be faster than a look. The namespaces are
 * held meanwhile, as the kernel gives the number of one that is gone to the next one that is made, which may be anybody's.
 */
export function endAllIn(nodes: readonly number[]): void {
  const held = nodes.flatMap(hold)
  const own = new Set(held.map((fd) => readlinkSync(`/proc/self/fd/${fd}`)))
  for (let found = processesIn(own); found.length > 0; found = processesIn(own))
    for (const pid of found) end(pid)
  for (const fd of held) closeSync(fd)
}

function hold(pid: number): number[] {
  try {
    return [openSync(`/proc/${pid}/ns/net`, 'r')]
  } catch {
    // It has ended since; so has what began with it.
    return []
  }
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
