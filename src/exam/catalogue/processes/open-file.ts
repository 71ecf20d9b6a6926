import type { Scene } from '../../scene.ts'
import { byNonceAlone } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const witness = await startHostWitness(scene, 'witness-open', [], canary ? nonce : scene.nonce())
  const [, fd = '0'] = witness.words
  const path = `/proc/${witness.pid}/fd/${fd}`
  return {
    attempt: async (inside) =>
      byNonceAlone(await inside.ask('text', [path]), nonce, 'read an open file of a process'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const openFile: Probe = {
  id: 'processes-open-file',
  number: 20,
  asset: 'processes',
  title: 'read what your other programs have open',
  tries: 'Reads a file without a name that a process outside has open, through /proc/PID/fd.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['proc_pid_fd(5)', 'CVE-2024-21626'],
  closing: 'Give the box a pid namespace of its own, with a /proc of that.',
  price: 'A debugger or a process list in the box sees its own processes only.',
  holes: ['pid', 'calls', 'user'],
  plant,
}
