import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { ON_TERMINAL } from './on-terminal.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    launch: ON_TERMINAL,
    attempt: async (inside) => {
      const nonce = scene.nonce()
      const text = canary ? nonce : scene.nonce()
      const answer = await inside.ask('show', [`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`])
      return async () => {
        const sequence = `\u001b]52;c;${Buffer.from(nonce).toString('base64')}`
        return byWitness(
          inside.shown.includes(sequence),
          answer,
          'a sequence that sets the clipboard reached the terminal',
        )
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const show: Probe = {
  id: 'terminal-escape-sequences',
  number: 59,
  asset: 'terminal',
  title: 'send your terminal escape sequences',
  tries:
    'Writes a sequence that sets the clipboard of a terminal emulator (OSC 52) with a nonce in it; the terminal must receive it unchanged.',
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['CVE-2003-0063', 'OSC 52'],
  closing:
    'Show the output of a box in a terminal that is not trusted, or through a pager that makes controls visible.',
  price: 'Programs that draw on the terminal (editors, progress bars) need these sequences.',
  holes: ['terminal'],
  granted: () => 'a terminal that is handed to a box shows what the box writes (docs/threat-model.md)',
  plant,
}
