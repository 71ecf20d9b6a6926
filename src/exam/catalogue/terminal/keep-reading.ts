import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const typed = scene.nonce()
  return {
    launch: { terminal: true, typed },
    attempt: async (inside) => {
      const answer = await inside.ask('keep-reading')
      await inside.end()
      const stolen = canary ? typed : scene.nonce()
      return byWitness(
        inside.shown.includes(`stolen ${stolen}`),
        answer,
        'a process that it left read what was typed',
      )
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const keepReading: Probe = {
  id: 'terminal-keep-reading',
  number: 58,
  asset: 'terminal',
  title: 'read what you type afterwards',
  tries:
    'Leaves a process behind that goes on to read the terminal; the user then types a nonce, and the process must show it.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1056.001', 'setsid(2)'],
  closing: 'End all processes of the box with it, and give it a terminal of its own.',
  price: 'Nothing goes on in the background when the box ends.',
  holes: ['terminal', 'pid'],
  plant,
}
