import { once } from 'node:events'
import { startProgram } from '../../../host/program.ts'
import type { Scene } from '../../scene.ts'
import { byWitness, inOneLine } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { runOnHost, staysThere } from './own-probe.ts'

/** Seconds after which the kernel itself forgets the key. */
const KEY_SECONDS = 120

/**
 * A session keyring like the one that a login gives (pam_keyinit(8)), of the exam's own: the sandbox is started in it, and a
 * process keeps it for the look behind.
 */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const ring = `glovebox-canary-${scene.nonce()}`
  const keeper = startProgram([scene.program, 'probe', 'left-ring', ring])
  const ended = once(keeper, 'close')
  const [said] = await once(keeper.stdout as NodeJS.ReadableStream, 'data')
  if (!String(said).includes('joined'))
    throw new Error(`no session keyring can be made: ${inOneLine(String(said))}`)
  return {
    launch: { ends: true, within: [scene.program, 'probe', 'left-in-ring', ring, '--'] },
    attempt: async (inside, place) => {
      const [told, wanted] = [0, 1].map(() => `glovebox-canary-${scene.nonce()}`) as [string, string]
      const answer = await inside.ask('left-key', [told, String(KEY_SECONDS)])
      const name = canary ? told : wanted
      return async () => {
        const stayed = await staysThere(place, async () =>
          (await runOnHost(scene, 'left-key-find', [ring, name])).stdout.includes('found'),
        )
        return byWitness(stayed, answer, 'a key that it added is in a keyring of yours after the end')
      }
    },
    [Symbol.asyncDispose]: async () => {
      keeper.stdin?.end()
      await ended
    },
  }
}

export const keys: Probe = {
  id: 'persistence-keys',
  number: 108,
  asset: 'persistence',
  title: 'leave a key in your keyring',
  tries:
    'Is started in a planted session keyring, adds a key to it and to the user’s, and ends; the host searches both.',
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['bwrap --unshare-all --new-session', 'keyrings(7)'],
  closing: 'Join a new session keyring at the start, or refuse add_key(2) and keyctl(2).',
  price: 'Kerberos and encrypted home folders do not find their keys in the box.',
  holes: ['keyring', 'calls'],
  plant,
}
