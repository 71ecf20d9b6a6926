import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

const FOLDERS = ['/tmp', '/var/tmp']

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const paths = FOLDERS.map((folder) => join(folder, `glovebox-canary-${scene.nonce()}`))
  for (const path of paths) {
    scene.remember({ kind: 'path', path })
    plantFile(path, canary ? nonce : 'nothing')
  }
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('read', paths), nonce, `read ${FOLDERS.join(' or ')}`),
    [Symbol.asyncDispose]: async () => {
      for (const path of paths) rmSync(path, { force: true })
    },
  }
}

export const temporary: Probe = {
  id: 'files-temporary',
  number: 2,
  asset: 'files',
  title: "read other programs' temporary files",
  tries: 'Reads planted files in /tmp and /var/tmp, and must bring a nonce of them back.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1005', "firejail's default profile"],
  closing: 'Give the box a /tmp and a /var/tmp of its own.',
  price: 'Sockets and files that programs exchange in /tmp are not there.',
  holes: ['files'],
  plant,
}
