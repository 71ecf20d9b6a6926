import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const key = scene.number()
  const name = String(key)
  scene.remember({ kind: 'shm', key })
  const witness = await startHostWitness(scene, 'witness-shm', [name], canary ? nonce : scene.nonce())
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('shm-read', [name]), nonce, 'read System V shared memory'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const sharedMemory: Probe = {
  id: 'processes-shared-memory',
  number: 21,
  asset: 'processes',
  title: 'read shared memory of your other programs',
  tries:
    'Attaches a segment of System V shared memory by its key, in which a process outside has put a nonce.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['firejail’s default profile', 'shmget(2)'],
  closing: 'Give the box an IPC namespace of its own.',
  price: 'Programs that share memory with the desktop (X11 MIT-SHM) copy instead.',
  holes: ['ipc'],
  plant,
}
