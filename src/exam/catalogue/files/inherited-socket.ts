import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ownFolder, plantFile, type Scene } from '../../scene.ts'
import { byNonce, byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { witnessSocket } from './witness-socket.ts'

/** Two sockets are inherited: a connection to a witness, and one in which a descriptor of a folder waits (unix(7) SCM_RIGHTS). */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const mark = scene.nonce().slice(0, 12)
  const folder = ownFolder(scene, `rights-${mark}`)
  plantFile(join(folder, 'secret'), canary ? nonce : 'nothing')
  const path = join(scene.folder, `inherited-${mark}`)
  const witness = await witnessSocket(path)
  return {
    // What a socket hands over it hands over once.
    launch: { within: [scene.program, 'probe', 'file-with-sockets', path, folder, '--'], fresh: true },
    attempt: async (inside) => {
      const [told, wanted] = [scene.nonce(), scene.nonce()]
      const answer = await inside.ask('file-use-sockets', [told, 'secret'])
      if (await witness.heard(canary ? told : wanted))
        return byWitness(true, answer, 'spoke to a witness by a socket it inherited')
      return byNonce(answer, nonce, 'read below a folder that a socket it inherited handed over')
    },
    [Symbol.asyncDispose]: async () => {
      await witness[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const inheritedSocket: Probe = {
  id: 'files-inherited-socket',
  number: 11,
  asset: 'files',
  title: 'use a socket that was left open',
  tries:
    'The sandbox is started with two open sockets; the inside must be heard by a witness, or take a folder that waits in one.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2024-21626'],
  closing: 'Close every descriptor beyond the standard streams (close_range(2)).',
  price: 'Nothing.',
  holes: ['descriptors'],
  plant,
}
