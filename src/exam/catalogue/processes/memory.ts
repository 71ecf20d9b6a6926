import type { Scene } from '../../scene.ts'
import { byNonceAlone } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const witness = await startHostWitness(scene, 'witness-memory', [], canary ? nonce : scene.nonce())
  const [, address = '0'] = witness.words
  const words = [String(witness.pid), address, String(nonce.length)]
  return {
    attempt: async (inside) =>
      byNonceAlone(await inside.ask('read-memory', words), nonce, 'read the memory of a process'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const memory: Probe = {
  id: 'processes-memory',
  number: 19,
  asset: 'processes',
  title: 'read the memory of your other programs',
  tries:
    'Reads a nonce in the memory of a process outside, by process_vm_readv, ptrace and /proc/PID/mem. That process allows it as far as Yama is concerned, so that only the sandbox can forbid it.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1055.008', 'password managers'],
  closing:
    'Give the box a pid namespace of its own, with a /proc of that. A filter may refuse ptrace(2), too.',
  price: 'Debuggers in the box do not reach programs outside.',
  holes: ['pid', 'calls', 'user'],
  plant,
}
