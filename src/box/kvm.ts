import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { KVM_DEVICE, kvmMachine, lookAtKvm } from '../host/kvm.ts'
import type { HostPaths } from '../host/paths.ts'
import { isStale, withFileLock } from '../image/lock.ts'
import type { OnProgress, ResolvedImage } from '../image/types.ts'
import type { BoxContext } from './context.ts'
import { type KvmAnswer, type KvmTrialEnd, trialFolder } from './kvm-answer.ts'

/** How KVM is asked. Tests put a stand-in in the place of the guest, or another file in that of the device. */
export interface KvmTrial {
  readonly device: string
  /** Who decides whether an answer still holds. */
  readonly machine: () => string
  /** Boots a guest; ends by its own deadline. */
  readonly boot: () => Promise<KvmTrialEnd>
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
  /** Boot again, whatever is remembered. */
  readonly again?: boolean | undefined
}

/** The trial of this machine, in the jail. */
export function kvmTrial(context: BoxContext, tools: ResolvedImage, signal?: AbortSignal): KvmTrial {
  return {
    device: KVM_DEVICE,
    signal,
    machine: () => `${kvmMachine()} | ${tools.digest}`,
    boot: async () => {
      const { bootTrial } = await import('./kvm-trial.ts')
      return bootTrial(context, tools, 'kvm', signal)
    },
  }
}

interface Remembered {
  readonly version: 1
  /** Kernel, processor, and the tools image, with which the versions of QEMU and of the guest's kernel go. */
  readonly machine: string
  readonly end: Extract<KvmTrialEnd, { readonly kind: 'works' | 'hangs' | 'aborts' }>
  readonly triedAt: string
}

/** A trial ends by its own deadline; who waits this long waits for a process that was stopped. */
const WAIT_MS = 5 * 60 * 1000

/**
 * Whether KVM boots a guest: the device is looked at each time, a guest is booted once for each machine, kernel and
 * tools image, by one process while the others wait, and its end is remembered in `folder`.
 *
 * @throws GloveboxError STORE_BUSY; the signal's reason where it was aborted
 */
export async function askKvm(folder: string, trial: KvmTrial): Promise<KvmAnswer> {
  const device = lookAtKvm(trial.device)
  if (device.state === 'missing') return { kind: 'missing' }
  if (device.state === 'forbidden') return { kind: 'forbidden', group: device.group }
  const machine = trial.machine()
  const before = remembered(folder, machine)
  if (before !== undefined && trial.again !== true) return before.end
  const wait = { waitMs: WAIT_MS, askEveryMs: 50, what: 'try whether KVM works', signal: trial.signal }
  return withFileLock(lockOf(folder), wait, async () => {
    const meanwhile = remembered(folder, machine)
    if (meanwhile !== undefined && meanwhile.triedAt !== before?.triedAt) return meanwhile.end
    trial.onProgress?.({
      step: 'kvm',
      detail: 'trying whether it boots a guest here (once; 20 s at the most)',
    })
    const end = await trial.boot()
    if (end.kind !== 'untried')
      remember(folder, { version: 1, machine, end, triedAt: new Date().toISOString() })
    return end
  })
}

/** Removes what a trial has left whose process was killed; one that is at work is left alone. */
export async function clearTrial(paths: HostPaths): Promise<void> {
  const lock = lockOf(paths.state)
  if (existsSync(lock) && !isStale(lock)) return
  if (!existsSync(lock) && !existsSync(trialFolder(paths))) return
  const wait = { waitMs: WAIT_MS, askEveryMs: 50, what: 'clear up after a trial of KVM' }
  await withFileLock(lock, wait, () => rmSync(trialFolder(paths), { recursive: true, force: true }))
}

const lockOf = (folder: string): string => `${folder}/kvm.lock`
const fileOf = (folder: string): string => `${folder}/kvm.json`

/** The answer of this very machine; undefined where there is none, or it cannot be read. */
function remembered(folder: string, machine: string): Remembered | undefined {
  try {
    const one = JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Partial<Remembered> | null
    const end = one?.end
    const isAnswer =
      end?.kind === 'works' ||
      end?.kind === 'hangs' ||
      (end?.kind === 'aborts' && typeof end.words === 'string')
    return one?.version === 1 && one.machine === machine && isAnswer ? (one as Remembered) : undefined
  } catch {
    /* None yet, or cut short: then it is tried. */
    return undefined
  }
}

function remember(folder: string, answer: Remembered): void {
  const unfinished = `${fileOf(folder)}.${process.pid}`
  writeFileSync(unfinished, `${JSON.stringify(answer, undefined, 1)}\n`, { mode: 0o600 })
  renameSync(unfinished, fileOf(folder))
}

/**
 * Whether this answer was told to the user before; from now on it counts as told. A notice at every start would be read
 * by nobody.
 */
export function isTold(folder: string, answer: string): boolean {
  const path = `${folder}/kvm.told`
  try {
    if (readFileSync(path, 'utf8') === answer) return true
  } catch {
    /* Nothing was told yet. */
  }
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, answer, { mode: 0o600 })
  renameSync(unfinished, path)
  return false
}
