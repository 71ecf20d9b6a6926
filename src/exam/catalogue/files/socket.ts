import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { witnessSocket } from './witness-socket.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const path = join(scene.folder, `socket-${scene.nonce().slice(0, 12)}`)
  const witness = canary ? await witnessSocket(path) : undefined
  return {
    attempt: async (inside) => {
      const token = scene.nonce()
      const answer = await inside.ask('file-send', [Buffer.from(token).toString('hex'), path])
      const seen = (await witness?.heard(token)) === true
      return byWitness(seen, answer, 'a server on a unix socket of the host was told something')
    },
    [Symbol.asyncDispose]: async () => witness?.[Symbol.asyncDispose](),
  }
}

export const socket: Probe = {
  id: 'files-socket',
  number: 9,
  asset: 'files',
  title: 'talk to programs of yours through their sockets',
  tries: 'Connects to a planted unix socket by its path; the server behind it must hear a nonce.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['bwrap --ro-bind / /', 'a read-only bind does not keep anybody from connecting (unix(7))'],
  closing: 'Do not show folders with sockets to the box, not read-only either.',
  price: 'Programs that talk to a service of the session need a way of their own.',
  holes: ['files'],
  plant,
}
