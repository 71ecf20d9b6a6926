import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    launch: { terminal: true },
    attempt: async (inside) => {
      const nonce = scene.nonce()
      const answer = await inside.ask('last', ['push-input', canary ? nonce : scene.nonce()])
      await inside.end()
      return byWitness(inside.left.includes(nonce), answer, 'what it pushed lay in the input of the terminal')
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const pushInput: Probe = {
  id: 'terminal-push-input',
  number: 56,
  asset: 'terminal',
  title: 'type commands into your shell',
  tries:
    'Is started on a terminal, pushes a nonce into its input (TIOCSTI) and ends; whoever reads the terminal next is given the nonce.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2017-5226', 'CVE-2019-10063', 'TIOCSTI(2const)'],
  closing: 'Start the box in a session of its own (setsid), or give it a terminal of its own.',
  price: 'Job control (Ctrl-Z) needs a terminal of the box’s own.',
  holes: ['terminal', 'calls'],
  moot: (host) =>
    host.sysctl('dev.tty.legacy_tiocsti') === '0' && host.uid !== 0
      ? 'dev.tty.legacy_tiocsti is 0: the kernel refuses it to everybody'
      : undefined,
  plant,
}
