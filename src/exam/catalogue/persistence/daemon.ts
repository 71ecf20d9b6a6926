import { readdirSync, readFileSync } from 'node:fs'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { LEAVES, staysThere } from './own-probe.ts'

/** Seconds after which the process ends by itself, whatever comes. */
const LIFE_SECONDS = '60'

/** Processes of this machine whose command line holds a name. */
function processesWith(name: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && commandLine(entry).includes(name))
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return '' // it has ended
  }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const names: string[] = []
  return {
    launch: LEAVES,
    attempt: async (inside, place) => {
      const [told, wanted] = [scene.nonce(), scene.nonce()]
      names.push(told)
      const answer = await inside.ask('left-daemon', [told, LIFE_SECONDS])
      const name = canary ? told : wanted
      return async () => {
        const stayed = await staysThere(place, () => processesWith(name).length > 0)
        return byWitness(stayed, answer, 'a process of it runs on after the end')
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of names) for (const pid of processesWith(name)) process.kill(pid, 'SIGKILL')
    },
  }
}

export const daemon: Probe = {
  id: 'persistence-daemon',
  number: 109,
  asset: 'persistence',
  title: 'run on after the end',
  tries:
    'Starts a process in a session of its own that ignores every signal it can, and ends; the host looks for it by the nonce in its command line.',
  attacker: 'user in the box',
  severity: 'host denial of service',
  standsFor: ['ATT&CK T1564', 'setsid(2)'],
  closing: 'Give the box a PID namespace of its own: with its first process all end (pid_namespaces(7)).',
  price: 'Nothing.',
  holes: ['pid'],
  plant,
}
