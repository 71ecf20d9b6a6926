import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { ON_TERMINAL } from './on-terminal.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    launch: ON_TERMINAL,
    attempt: async (inside) => {
      const nonce = scene.nonce()
      const answer = await inside.ask('paste-console', [canary ? nonce : scene.nonce()])
      return async () => {
        return byWitness(
          inside.left.includes(nonce),
          answer,
          'what it pasted lay in the input of the terminal',
        )
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const pasteConsole: Probe = {
  id: 'terminal-paste-console',
  number: 57,
  asset: 'terminal',
  title: 'paste commands into your console',
  tries: 'On a virtual console, shows a nonce, selects it and pastes it into the input (TIOCLINUX).',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2023-28100 (flatpak)', 'TIOCLINUX(2const)'],
  closing: 'Start the box in a session of its own, or refuse the request by a filter.',
  price: 'Selections by mouse on a text console do not work in the box.',
  holes: ['terminal', 'calls'],
  moot: () => 'the terminal of the exam is a pseudo-terminal, and only a virtual console can be pasted into',
  plant,
}
