import { isAlive, isOwnZombie, type ProcessIdentity } from '../host/process-identity.ts'
import { readSupervisor } from './state.ts'
import { SIGNAL_KILL_NOW } from './supervisor-process.ts'

/**
 * A process that is not our child tells nobody of its end but /proc, so it is asked: soon, as a killed box is gone in a
 * few milliseconds, and then less and less often.
 */
const ASK_FIRST_MS = 1
const ASK_LAST_MS = 15
/** Of what was waited already. */
const ASK_AGAIN = 0.25
/** A supervisor that was told to kill needs this long at the very most: it only waits for the kernel. */
const KILL_MS = 10_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function gone(process: ProcessIdentity, withinMs: number): Promise<boolean> {
  const start = Date.now()
  while (isAlive(process)) {
    const waited = Date.now() - start
    if (waited >= withinMs) return false
    await sleep(Math.min(Math.max(waited * ASK_AGAIN, ASK_FIRST_MS), ASK_LAST_MS))
  }
  /* A child of ours is there until Node has asked for its exit code, in one of its next turns. */
  while (isOwnZombie(process.pid)) await sleep(0)
  return true
}

function send(identity: ProcessIdentity, signal: number | NodeJS.Signals): void {
  try {
    if (isAlive(identity)) process.kill(identity.pid, signal)
  } catch (error) {
    /* Gone between the look and the signal: what was wanted. */
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Asks the box's first process to end, and ends it after `graceMs`; its supervisor cleans up either way. */
export async function stopBox(dir: string, graceMs: number): Promise<void> {
  const supervisor = readSupervisor(dir)
  if (supervisor === undefined) return
  const { outer } = supervisor
  if (graceMs > 0) {
    send(outer, 'SIGTERM')
    if (await gone(outer, graceMs)) return
  }
  send(outer, SIGNAL_KILL_NOW)
  if (await gone(outer, KILL_MS)) return
  /* The kernel kills the box with its supervisor (native/main.c); what is left on disk is for gc. */
  send(outer, 'SIGKILL')
  await gone(outer, KILL_MS)
}
