import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const key = scene.number()
  const name = String(key)
  scene.remember({ kind: 'msg', key })
  const witness = await startHostWitness(scene, 'witness-msg', [name], canary ? nonce : scene.nonce())
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('msg-receive', [name]), nonce, 'received a System V message'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const messages: Probe = {
  id: 'processes-messages',
  number: 21,
  asset: 'processes',
  title: 'take messages of your other programs',
  tries: 'Receives from a System V message queue by its key, in which a process outside has put a nonce.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['firejail’s default profile', 'msgget(2)'],
  closing: 'Give the box an IPC namespace of its own.',
  price: 'Programs that share memory with the desktop (X11 MIT-SHM) copy instead.',
  holes: ['ipc'],
  plant,
}
