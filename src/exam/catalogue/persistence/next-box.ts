import { accessSync, constants, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import { END_MS } from '../../session.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { LEAVES_AS_ROOT, runOnHost } from './own-probe.ts'

const FOLDERS = ['/tmp', '/var/tmp', '/dev/shm', '/run', '/root', '/home', '~', '.']

/** Whether an attempt without a sandbox can have left something there. */
function isOurs(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const made: { readonly paths: readonly string[]; readonly key: number }[] = []
  return {
    launch: LEAVES_AS_ROOT,
    attempt: async (inside, place) => {
      const [nonce, key, name] = [scene.nonce(), scene.number(), `glovebox-canary-${scene.nonce()}`]
      const paths = FOLDERS.map((folder) => `${folder}/${name}`)
      const onHost = [...FOLDERS.slice(0, -2), scene.home, process.cwd()]
        .filter(isOurs)
        .map((folder) => join(folder, name))
      for (const path of onHost) scene.remember({ kind: 'path', path })
      scene.remember({ kind: 'shm', key })
      made.push({ paths: onHost, key })
      const secret = canary ? nonce : 'nothing'
      await inside.ask('file-create', [secret, ...paths])
      await inside.ask('left-shm', [String(key), secret])
      return async () => {
        const next = await place.open({ root: true })
        const files = await next.ask('read', paths)
        const memory = await next.ask('left-shm-read', [String(key)])
        await next.end(END_MS)
        return byNonce({ ...files, text: files.text + memory.text }, nonce, 'read what an earlier box left')
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const { paths, key } of made) {
        for (const path of paths) rmSync(path, { force: true })
        await runOnHost(scene, 'left-shm-remove', [String(key)])
      }
    },
  }
}

export const nextBox: Probe = {
  id: 'persistence-next-box',
  number: 112,
  asset: 'persistence',
  title: 'be read by the next box',
  tries:
    'A first box writes a nonce to files and to shared memory and ends; a second one, started the same way, looks for it.',
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['disposability', 'layers that are written to'],
  closing: 'Give each box a fresh root and an IPC namespace of its own.',
  price: 'What boxes share is kept by name (--keep, --home).',
  holes: ['files', 'ipc'],
  plant,
}
