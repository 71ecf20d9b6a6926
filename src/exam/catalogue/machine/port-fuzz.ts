import type { Scene } from '../../scene.ts'
import { type Session, SessionLost } from '../../session.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { EngineSubject, Probe, Sighting, Trap } from '../../types.ts'
import { bootGuest, withoutPc } from './survey.ts'

/** How long ports are written to, in milliseconds. */
const FUZZ_MS = 3000
/** What QEMU says where it ends by its own fault, and what sh(1) does where a signal ended it. */
const CRASH = /assert|abort|segmentation|core dumped|bus error|qemu: hardware error|stack smashing/i

/** 128 and the number of a signal: what a process that was ended by one is said to have ended with. */
const byFault = (code: number | null): boolean => code === null || code >= 128

async function fuzz(scene: Scene, subject: EngineSubject): Promise<Sighting> {
  const seed = String(scene.number())
  await using guest = await bootGuest(scene, subject, {})
  const { session } = guest
  const answer = await session.ask('fuzz-ports', [String(FUZZ_MS), seed], { timeoutMs: FUZZ_MS + 10_000 })
  const alive = await session.ask('echo', ['alive'], { timeoutMs: 10_000 })
  if (alive.text.includes('alive'))
    return { reached: false, evidence: inOneLine(`it lives on after seed ${seed}: ${answer.text}`) }
  await session.end(2000)
  const { exitCode, words } = session
  /* A guest that has restarted or hangs has harmed itself: that is no fault of the machine's. */
  if (CRASH.test(words) || (answer.end === 'lost' && byFault(exitCode)))
    return { reached: true, evidence: inOneLine(`seed ${seed} ended the machine (${exitCode}): ${words}`) }
  return { reached: false, evidence: `seed ${seed} ended or stopped the guest, in order` }
}

/** The witness is the end of the session: for the control the program that serves is made to crash. Never a port of the host. */
async function crash(inside: Session, canary: boolean): Promise<Sighting> {
  const answer = await inside.ask(canary ? 'end-server' : 'echo', ['alive'], { timeoutMs: 5000 })
  return answer.end === 'lost'
    ? { reached: true, evidence: 'the session ended when its program was made to crash' }
    : { reached: false, evidence: 'the session lives' }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    launch: {},
    attempt: async (inside, place) => {
      if (place.kind !== 'box') return crash(inside, canary)
      if (place.subject.kind !== 'engine') return failed('no machine')
      try {
        return await fuzz(scene, place.subject)
      } catch (error) {
        if (error instanceof SessionLost) return failed(error.message)
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const portFuzz: Probe = {
  id: 'machine-port-fuzz',
  number: 125,
  asset: 'machine',
  title: 'crash the virtual machine monitor by its ports',
  tries:
    'Boots the guest of an attacker and writes to and reads from random ports for 3 seconds, but for those that would end or restart it. The end of QEMU by its own fault is a finding; the evidence has the seed. The control crashes the exam’s own program.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['CVE-2015-3456 (VENOM)', 'CVE-2019-14378', 'CVE-2020-14364'],
  closing: 'A newer QEMU, fewer devices (engine microvm), and the jail around it.',
  price: 'None.',
  holes: ['pid'],
  alone: true,
  attempts: 1,
  notFor: withoutPc,
  plant,
}
