import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const name = `glovebox-canary-${scene.nonce()}`
  const file = plantFile(join(scene.folder, `key-${scene.nonce()}`), canary ? nonce : scene.nonce(), 0o600)
  return {
    launch: { within: [scene.program, 'probe', 'with-key', name, file, '--'] },
    attempt: async (inside) =>
      byNonce(await inside.ask('key-read', ['session', name]), nonce, 'read a key of the session'),
    [Symbol.asyncDispose]: async () => rmSync(file, { force: true }),
  }
}

export const sessionKeyring: Probe = {
  id: 'processes-session-keyring',
  number: 23,
  asset: 'processes',
  title: 'read keys of your login session',
  tries: 'Is started from a session keyring that holds a nonce, as a login’s does, and searches it.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['bwrap --unshare-all --new-session', 'session-keyring(7)'],
  closing: 'Join a new session keyring at the start, or refuse keyctl(2).',
  price: 'Kerberos and encrypted home folders do not find their keys in the box.',
  holes: ['keyring', 'calls'],
  plant,
}
