import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const folder = ownFolder(scene, `inherited-${scene.nonce().slice(0, 12)}`)
  plantFile(join(folder, 'secret'), canary ? nonce : 'nothing')
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  return {
    launch: { descriptors: [descriptor] },
    attempt: async (inside) =>
      byNonce(await inside.ask('file-openat', ['secret']), nonce, 'read below a descriptor it inherited'),
    [Symbol.asyncDispose]: async () => {
      closeSync(descriptor)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const inheritedFolder: Probe = {
  id: 'files-inherited-folder',
  number: 10,
  asset: 'files',
  title: 'read through a folder that was left open',
  tries:
    'The sandbox is started with a descriptor of a planted folder; the inside looks for it and must bring a nonce back.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2024-21626', 'bubblewrap passes on every descriptor'],
  closing: 'Close every descriptor beyond the standard streams (close_range(2)).',
  price: 'Nothing.',
  holes: ['descriptors'],
  plant,
}
