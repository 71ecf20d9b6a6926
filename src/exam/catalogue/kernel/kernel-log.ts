import { closeSync, openSync, writeSync } from 'node:fs'
import { spawnTool } from '../../../host/spawn.ts'

/** Writes a line into the kernel's log (/dev/kmsg of proc(5)'s neighbour Documentation/ABI/testing/dev-kmsg). Root's alone. */
export function writeKernelLog(line: string): void {
  const file = openSync('/dev/kmsg', 'w')
  try {
    writeSync(file, `${line}\n`)
  } finally {
    closeSync(file)
  }
}

/** The kernel's log, its end at least. */
export async function readKernelLog(): Promise<string> {
  const { stdout } = await spawnTool(['dmesg'], { signal: AbortSignal.timeout(10_000) })
  return stdout
}
