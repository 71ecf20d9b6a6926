import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const name = `glovebox-canary-${scene.nonce()}`
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(`${nonce}\n`)
  })
  if (canary) {
    // A name that begins with a zero byte is an abstract one (unix(7)).
    server.listen(`\0${name}`)
    await once(server, 'listening')
  }
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('connect-abstract', [name]), nonce, 'was answered by an abstract socket'),
    [Symbol.asyncDispose]: async () => {
      server.close()
    },
  }
}

export const abstractSocket: Probe = {
  id: 'processes-abstract-socket',
  number: 24,
  asset: 'processes',
  title: 'talk to your programs by abstract sockets',
  tries: 'Connects to an abstract unix socket of the host; the server behind it answers with a nonce.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2020-15257 (containerd-shim)', 'firejail’s default profile'],
  closing: 'Give the box a network namespace of its own, or scope it by Landlock (Linux 6.12).',
  price: 'None where the network is a namespace’s anyway.',
  holes: ['net'],
  plant,
}
