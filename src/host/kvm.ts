import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { readRelease } from './kernel.ts'

/** The one place where Linux has it (Documentation/virt/kvm/api.rst). */
export const KVM_DEVICE = '/dev/kvm'

/** What opening the device says. That it opens does not mean that it works. */
export type KvmDevice =
  | { readonly state: 'there' }
  /** No module, or no hardware for it. */
  | { readonly state: 'missing' }
  /** `group` owns it, where that is not root's own. */
  | { readonly state: 'forbidden'; readonly group: string | undefined }

/** Opens the device as its user would, and closes it again: no more than that is done to it. */
export function lookAtKvm(path: string = KVM_DEVICE): KvmDevice {
  try {
    closeSync(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK))
    return { state: 'there' }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM'
      ? { state: 'forbidden', group: groupOf(path) }
      : { state: 'missing' }
  }
}

/** The name of a group, other than root's, that may read and write it. */
function groupOf(path: string): string | undefined {
  const { gid, mode } = statSync(path)
  if (gid === 0 || (mode & 0o060) !== 0o060) return undefined
  return new RegExp(`^([a-z_][a-z0-9_-]*):[^:]*:${gid}:`, 'm').exec(readText('/etc/group'))?.[1]
}

/**
 * All of the machine that decides whether KVM works: the kernel, the processor with its microcode, and whether it is
 * itself a virtual one.
 */
export function kvmMachine(): string {
  return [readRelease(), ...processorWords(readStart('/proc/cpuinfo')), nested()].join(' | ')
}

const FIELDS = ['vendor_id', 'cpu family', 'model', 'model name', 'stepping', 'microcode']

/** The first processor of /proc/cpuinfo (proc(5)). */
export function processorWords(cpuinfo: string): string[] {
  const [first = ''] = cpuinfo.split(/\n\s*\n/, 1)
  const fields = new Map(
    first
      .split('\n')
      .map((line) => [line.split(':', 1)[0]?.trim() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  )
  const flags = (fields.get('flags') ?? '').split(' ')
  const told = ['hypervisor', 'vmx', 'svm'].filter((flag) => flags.includes(flag))
  return [...FIELDS.map((name) => fields.get(name) ?? ''), ...told]
}

/** Whether guests may have guests, of the module that is loaded: it changes with the module's options. */
function nested(): string {
  const of = (module: string): string => readText(`/sys/module/${module}/parameters/nested`).trim()
  return `nested ${of('kvm_intel')}${of('kvm_amd')}`
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    /* Not on this machine: then it tells nothing. */
    return ''
  }
}

/** Enough for one processor: a machine may have hundreds, and the kernel asks each of them. */
const START_BYTES = 8192

function readStart(path: string): string {
  const bytes = Buffer.alloc(START_BYTES)
  try {
    const fd = openSync(path, 'r')
    try {
      return bytes.subarray(0, readSync(fd, bytes)).toString('latin1')
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}
