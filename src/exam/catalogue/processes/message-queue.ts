import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const own = `glovebox-canary-${scene.nonce()}`
  const name = `/${own}`
  scene.remember({ kind: 'mqueue', name: own })
  const witness = await startHostWitness(scene, 'witness-mqueue', [name], canary ? nonce : scene.nonce())
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('mqueue-receive', [name]), nonce, 'received from a POSIX queue'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const messageQueue: Probe = {
  id: 'processes-message-queue',
  number: 22,
  asset: 'processes',
  title: 'take from POSIX queues of your other programs',
  tries: 'Receives from a POSIX message queue by its name, in which a process outside has put a nonce.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['firejail’s default profile', 'mq_overview(7)'],
  closing: 'Give the box an IPC namespace of its own.',
  price: 'Programs that share memory with the desktop (X11 MIT-SHM) copy instead.',
  holes: ['ipc'],
  plant,
}
