import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ownFolder, type Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** As the daemons of containers and machines call theirs. */
const NAMES = ['docker.sock', 'podman.sock', 'containerd.sock', 'libvirt-sock']

/** Where such sockets lie: /run where this user may write there, the runtime folder of the login, and the exam's own folder. */
function foldersOf(scene: Scene): string[] {
  const below = `glovebox-canary-${scene.nonce().slice(0, 12)}`
  const login = process.env['XDG_RUNTIME_DIR']
  const parents = [scene.host.uid === 0 ? '/run' : '', login?.startsWith('/') === true ? login : '']
  const beside = parents.filter((parent) => parent !== '').map((parent) => join(parent, below))
  return [...beside, ownFolder(scene, below)]
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const folders = foldersOf(scene)
  const servers: Server[] = []
  let calls = 0
  for (const folder of folders) {
    scene.remember({ kind: 'path', path: folder })
    mkdirSync(folder, { recursive: true })
    if (!canary) continue
    for (const name of NAMES) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', (text) => {
          if (text.includes('/containers/json')) calls++
          socket.end('HTTP/1.0 200 OK\r\n\r\n[]\n')
        })
      })
      servers.push(server)
      server.listen(join(folder, name))
      await once(server, 'listening')
    }
  }
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return {
    attempt: async (inside) => {
      const before = calls
      const answer = await inside.ask('call-daemon', paths, { timeoutMs: 30_000 })
      return byWitness(calls > before, answer, 'a daemon that acts as root was asked, and answered')
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server.close()
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const daemons: Probe = {
  id: 'processes-daemons',
  number: 25,
  asset: 'processes',
  title: 'command your container daemon',
  tries:
    'Calls sockets called like those of docker, podman, containerd and libvirt, planted beside where the real ones lie; a daemon behind them logs the call.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['docker.sock in a container is root on the host', 'ATT&CK T1610'],
  closing: 'Do not show sockets of daemons to the box.',
  price: 'A tool in the box that drives containers needs a daemon of its own.',
  holes: ['files'],
  plant,
}
