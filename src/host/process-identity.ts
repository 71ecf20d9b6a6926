import { readFileSync } from 'node:fs'

/** Names one process for the life of the machine: a pid alone is reused (proc(5), field 22 of stat). */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot. */
  readonly startTime: string
  readonly bootId: string
}

function readStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    /* The command name in field 2 may hold spaces and brackets; counting begins behind its last bracket. */
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    /* A zombie has ended; whether anybody asks for its exit code is not ours to wait for. */
    return /^[ZX]$/.test(fields[0] ?? '') ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** It has ended, and this very process is the one that its exit code waits for. */
export function isOwnZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' && Number(parent) === process.pid
  } catch {
    /* Its exit code is known, and nothing is left of it. */
    return false
  }
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = readStartTime(pid)
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() }
}

/** Whether that very process runs still. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && readStartTime(identity.pid) === identity.startTime
}
