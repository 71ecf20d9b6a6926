import { existsSync, rmSync } from 'node:fs'
import { plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const path = `/dev/shm/glovebox-canary-${scene.nonce()}`
  scene.remember({ kind: 'path', path })
  plantFile(path, canary ? nonce : 'nothing', 0o666)
  return {
    attempt: async (inside) => byNonce(await inside.ask('text', [path]), nonce, 'read a file of /dev/shm'),
    [Symbol.asyncDispose]: async () => rmSync(path, { force: true }),
  }
}

export const sharedFiles: Probe = {
  id: 'processes-shared-files',
  number: 22,
  asset: 'processes',
  title: 'read POSIX shared memory of your other programs',
  tries: 'Reads a file in /dev/shm, where POSIX shared memory lies, in which the host has put a nonce.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['firejail’s default profile', 'shm_overview(7)'],
  closing: 'Give the box a /dev/shm of its own.',
  price: 'Programs of the box do not share memory with those outside.',
  holes: ['files', 'devices'],
  lacks: () => (existsSync('/dev/shm') ? undefined : 'this machine has no /dev/shm'),
  plant,
}
