import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { findTool } from '../host/spawn.ts'

/** What of the machine decides whether a probe says anything at all. */
export interface ExamHost {
  readonly uid: number
  readonly kernel: string
  /** Value of a sysctl, dots for slashes; undefined where there is none. */
  readonly sysctl: (name: string) => string | undefined
  /** Where a tool of the host lies. */
  readonly tool: (name: string) => string | undefined
}

/** Reads what probes ask of this machine. */
export function examHost(): ExamHost {
  return {
    uid: process.getuid?.() ?? 0,
    kernel: release(),
    sysctl: (name) => readOptional(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim(),
    tool: findTool,
  }
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // a kernel without it
  }
}
