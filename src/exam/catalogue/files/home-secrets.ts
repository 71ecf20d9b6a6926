import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** Where keys lie, as infostealers look for them. */
const FOLDERS = ['.ssh', '.aws', '.mozilla']

/** A new file with a nonce in its name in each folder; folders that were not there go again. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const made: string[] = []
  const paths = FOLDERS.map((folder) => join(scene.home, folder, `glovebox-canary-${nonce.slice(0, 12)}`))
  for (const path of paths) {
    const folder = join(path, '..')
    if (!existsSync(folder)) {
      mkdirSync(folder, { mode: 0o700 })
      made.push(folder)
    }
    scene.remember({ kind: 'path', path })
    plantFile(path, canary ? nonce : 'nothing')
  }
  return {
    attempt: async (inside) => byNonce(await inside.ask('read', paths), nonce, `read ${FOLDERS.join(', ')}`),
    [Symbol.asyncDispose]: async () => {
      for (const path of paths) rmSync(path, { force: true })
      for (const folder of made) rmdirSync(folder)
    },
  }
}

export const homeSecrets: Probe = {
  id: 'files-home-secrets',
  number: 1,
  asset: 'files',
  title: 'read keys in your home folder',
  tries: 'Reads planted files in ~/.ssh, ~/.aws and ~/.mozilla, and must bring a nonce of them back.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1552.004', 'infostealers'],
  closing: 'Give the box a root and a home of its own.',
  price: 'The application starts without its settings; what it needs is copied in or kept by --home.',
  holes: ['files'],
  plant,
}
