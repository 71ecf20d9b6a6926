import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const name = `glovebox-canary-${scene.nonce()}`
  const witness = await startHostWitness(scene, 'witness-key', [name], canary ? nonce : scene.nonce())
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('key-read', ['user', name]), nonce, 'read a key of the user’s'),
    [Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
  }
}

export const userKeyring: Probe = {
  id: 'processes-user-keyring',
  number: 23,
  asset: 'processes',
  title: 'read keys in your user keyring',
  tries: 'Searches the user keyring for a key with a nonce, which the host has put there.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['user-keyring(7)', 'bwrap --unshare-all'],
  closing: 'Refuse keyctl(2) and add_key(2) in the box, or give it another user id.',
  price: 'Kerberos and encrypted home folders do not find their keys in the box.',
  holes: ['calls', 'keyring', 'user'],
  plant,
}
