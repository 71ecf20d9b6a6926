import { byNonce } from '../../sightings.ts'
import type { Probe } from '../../types.ts'
import { lacksDisplay } from './x-display.ts'
import { plantMark } from './x-mark.ts'

export const x11Abstract: Probe = {
  id: 'desktop-x11-abstract',
  number: 61,
  asset: 'desktop',
  title: 'connect to your X display by its abstract socket',
  tries:
    "Connects to @/tmp/.X11-unix/XN of an X server of the exam's own, which has no file, and must bring a nonce back from its root window.",
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['a private /tmp with a shared network', 'CVE-2020-15257 (the same way to another daemon)'],
  closing: 'Give the box a network namespace of its own: abstract sockets belong to it (unix(7)).',
  price: 'The network must be relayed into it, which costs some speed.',
  holes: ['net'],
  lacks: lacksDisplay,
  plant: (scene, canary) =>
    plantMark(scene, canary, async (inside, display, name, nonce) =>
      byNonce(
        await inside.ask('x-property', [display.abstract, name]),
        nonce,
        `connected to ${display.abstract}`,
      ),
    ),
}
