import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** Ticks of all processors since boot (proc(5), the first line of stat). */
export interface Ticks {
  readonly all: number
  readonly idle: number
  /** Taken by the machine beneath a virtual one. */
  readonly stolen: number
}

/** Milliseconds in which nothing of ours works, to see what others do. */
const LOOK_MS = 500
/** Processors that others may use, and the share of time that may be stolen, before a figure says little. */
const [MOST_OTHERS, MOST_STOLEN] = [0.25, 0.02]

export function parseTicks(stat: string): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, stolen = 0] = (
    stat.split('\n')[0] ?? ''
  )
    .trim()
    .split(/ +/)
    .slice(1)
    .map(Number)
  return { all: user + nice + system + idle + wait + irq + soft + stolen, idle: idle + wait, stolen }
}

export const readTicks = (): Ticks => parseTicks(readFileSync('/proc/stat', 'latin1'))

/** How many processors others keep busy while this program waits. */
export async function othersBusy(): Promise<number> {
  const before = readTicks()
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  const after = readTicks()
  const all = after.all - before.all
  return all === 0 ? 0 : (1 - (after.idle - before.idle) / all) * cpus().length
}

/** What made the machine too busy to say, in sentences; none where it was idle enough. Pure. */
export function busyWarnings(others: readonly number[], before: Ticks, after: Ticks): string[] {
  const most = Math.max(...others)
  const stolen = (after.stolen - before.stolen) / Math.max(after.all - before.all, 1)
  return [
    ...(most <= MOST_OTHERS
      ? []
      : [
          `Other programs kept ${most.toFixed(1)} processors busy beside it: measure again when the machine is idle.`,
        ]),
    ...(stolen <= MOST_STOLEN
      ? []
      : [
          `The machine below this virtual one took ${(stolen * 100).toFixed(0)} % of its time: figures may be too high.`,
        ]),
  ]
}
