import type { Scene } from '../../scene.ts'
import { byNonceAlone } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const shown = canary ? nonce : scene.nonce()
  const witness = await startHostWitness(scene, 'witness-signals', [`--token=${shown}`], scene.nonce())
  return {
    attempt: async (inside) =>
      byNonceAlone(await inside.ask('command-lines'), nonce, 'read a command line of the host'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const commandLines: Probe = {
  id: 'processes-command-lines',
  number: 17,
  asset: 'processes',
  title: 'read what your other programs were started with',
  tries: 'Lists all processes; one outside has a nonce in its command line, which must come back.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1057', 'passwords in command lines'],
  closing: 'Give the box a pid namespace of its own, with a /proc of that.',
  price: 'A debugger or a process list in the box sees its own processes only.',
  holes: ['pid'],
  plant,
}
