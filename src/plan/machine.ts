import type { Policy } from '../policy/types.ts'
import type { HostView, MachineParts, MachinePlan } from './types.ts'

/** Memory of a guest whose policy does not bound it. Pages that it never touches cost the host nothing. */
const DEFAULT_MEMORY_BYTES = 2 * 2 ** 30
/** A guest's kernel and its own server need this much before any command runs. */
const LEAST_MEMORY_BYTES = 64 * 2 ** 20
/** The disk of a box whose policy does not bound it; the file is sparse. */
export const DEFAULT_DISK_BYTES = 8 * 2 ** 30

/** The least that ext4 is made in. */
const LEAST_DISK_MIB = 4

/** Bytes that a virtual machine's own disk has: a whole number of MiB, as file systems are made in blocks. */
export function machineDiskBytes(policy: Policy): number {
  const bytes = policy.limits.diskBytes ?? DEFAULT_DISK_BYTES
  return Math.max(LEAST_DISK_MIB, Math.floor(bytes / 2 ** 20)) * 2 ** 20
}

/** The size of a virtual machine: its memory and its disk are the limits of the box, by their nature. */
export function planMachine(policy: Policy, parts: MachineParts): MachinePlan {
  const asked = policy.limits.memoryBytes ?? DEFAULT_MEMORY_BYTES
  return {
    ...parts,
    memoryBytes: Math.max(asked, LEAST_MEMORY_BYTES),
    diskBytes: machineDiskBytes(policy),
  }
}

/** A guest has the memory, the disk and the one processor that it is given; what else is bounded, the host bounds. */
export function machineEnforceable(policy: Policy, host: HostView['enforceable']): HostView['enforceable'] {
  const one = (policy.limits.cpus ?? 1) >= 1
  return { ...host, memory: 'machine', disk: 'machine', ...(one ? { cpus: 'machine' as const } : {}) }
}
