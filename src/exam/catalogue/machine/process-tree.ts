import { readdirSync, readFileSync } from 'node:fs'

/** A process of the host, as /proc/PID/status tells everybody (proc_pid_status(5)). */
export interface HostProcess {
  readonly pid: number
  readonly value: (name: string) => string
  /** Its first word, as it was started or calls itself (proc_pid_cmdline(5)). */
  readonly word: string
}

/** The process and all below it, the top first. What ends meanwhile is left out. */
export function processTree(top: number): HostProcess[] {
  const all = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? (readOne(Number(name)) ?? []) : [],
  )
  const found = all.filter(({ pid }) => pid === top)
  for (let at = 0; at < found.length; at++) {
    const parent = String(found[at]?.pid)
    found.push(...all.filter((one) => one.value('PPid') === parent))
  }
  return found
}

function readOne(pid: number): HostProcess | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    const values = new Map(
      text.split('\n').map((line) => {
        const [name = '', ...rest] = line.split(':')
        return [name, rest.join(':').trim()] as const
      }),
    )
    const [word = ''] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
    return { pid, word, value: (name) => values.get(name) ?? '' }
  } catch {
    return undefined // it has ended
  }
}
