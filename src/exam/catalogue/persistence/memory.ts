import { readFileSync } from 'node:fs'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { LEAVES, runOnHost, staysThere } from './own-probe.ts'

/** Whether this machine has a segment with this key (proc_sysvipc(5)). */
function isThere(key: number): boolean {
  const lines = readFileSync('/proc/sysvipc/shm', 'latin1').split('\n').slice(1)
  return lines.some((line) => Number(line.trim().split(/\s+/)[0]) === key)
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const made: number[] = []
  return {
    launch: LEAVES,
    attempt: async (inside, place) => {
      const [told, wanted] = [scene.number(), scene.number()]
      scene.remember({ kind: 'shm', key: told })
      made.push(told)
      const answer = await inside.ask('left-shm', [String(told), scene.nonce()])
      return async () => {
        const stayed = await staysThere(place, () => isThere(canary ? told : wanted))
        return byWitness(stayed, answer, 'a segment of shared memory is there after the end')
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const key of made) if (isThere(key)) await runOnHost(scene, 'left-shm-remove', [String(key)])
    },
  }
}

export const memory: Probe = {
  id: 'persistence-memory',
  number: 107,
  asset: 'persistence',
  title: 'leave shared memory behind',
  tries:
    'Makes a segment of System V shared memory, which no process holds, and ends; the host looks for its key.',
  attacker: 'user in the box',
  severity: 'neighbour denial of service',
  standsFor: ['shmget(2)', "firejail's default profile"],
  closing: 'Give the box an IPC namespace of its own.',
  price: 'Programs that share memory with the desktop (X11 MIT-SHM) copy instead.',
  holes: ['ipc'],
  plant,
}
