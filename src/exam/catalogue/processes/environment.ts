import type { Scene } from '../../scene.ts'
import { byNonceAlone } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const env = { GLOVEBOX_CANARY: canary ? nonce : scene.nonce() }
  const witness = await startHostWitness(scene, 'witness-signals', [], scene.nonce(), env)
  const path = `/proc/${witness.pid}/environ`
  return {
    attempt: async (inside) =>
      byNonceAlone(await inside.ask('text', [path]), nonce, 'read the variables of a process'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const environment: Probe = {
  id: 'processes-environment',
  number: 20,
  asset: 'processes',
  title: 'read the variables of your other programs',
  tries: 'Reads /proc/PID/environ of a process outside, which has a nonce among its variables.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['tokens in variables (CI secrets)', 'proc_pid_environ(5)'],
  closing: 'Give the box a pid namespace of its own, with a /proc of that.',
  price: 'A debugger or a process list in the box sees its own processes only.',
  holes: ['pid', 'user'],
  plant,
}
