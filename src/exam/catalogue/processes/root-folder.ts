import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import { byNonceAlone } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const path = plantFile(join(scene.folder, `root-${scene.nonce()}`), canary ? nonce : 'nothing')
  const witness = await startHostWitness(scene, 'witness-memory', [], scene.nonce())
  const way = `/proc/${witness.pid}/root${path}`
  return {
    attempt: async (inside) =>
      byNonceAlone(await inside.ask('text', [way]), nonce, 'read a file by way of a process'),
    [Symbol.asyncDispose]: async () => {
      await witness[Symbol.asyncDispose]()
      rmSync(path, { force: true })
    },
  }
}

export const rootFolder: Probe = {
  id: 'processes-root',
  number: 20,
  asset: 'processes',
  title: 'read your files by way of your other programs',
  tries: 'Reads a planted file through /proc/PID/root of a process outside.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['proc_pid_root(5)', 'container escapes by a shared pid namespace'],
  closing: 'Give the box a pid namespace of its own, with a /proc of that.',
  price: 'A debugger or a process list in the box sees its own processes only.',
  holes: ['pid', 'calls', 'user'],
  plant,
}
