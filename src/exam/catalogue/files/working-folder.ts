import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const name = `folder-${scene.nonce().slice(0, 12)}`
  const folder = ownFolder(scene, name)
  const inner = ownFolder(scene, join(name, 'inner'))
  // A name that is nowhere else: every folder above is looked through for it.
  const secret = `secret-${scene.nonce().slice(0, 12)}`
  plantFile(join(folder, secret), canary ? nonce : 'nothing')
  return {
    launch: { cwd: inner },
    attempt: async (inside) =>
      byNonce(await inside.ask('file-climb', [secret]), nonce, 'read above the folder it was started in'),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

export const workingFolder: Probe = {
  id: 'files-working-folder',
  number: 12,
  asset: 'files',
  title: 'climb out of the folder it is started in',
  tries:
    'The sandbox is started in a planted folder; the inside looks in its working folder and above it, and must bring a nonce back.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2024-21626'],
  closing: 'Change to a folder of the box, by its name, after the root was changed.',
  price: 'Relative paths of the host mean nothing in the box.',
  holes: ['folder'],
  plant,
}
