import { byNonce } from '../../sightings.ts'
import type { Probe } from '../../types.ts'
import { lacksDisplay } from './x-display.ts'
import { plantMark } from './x-mark.ts'

export const x11Path: Probe = {
  id: 'desktop-x11-path',
  number: 60,
  asset: 'desktop',
  title: 'connect to your X display by its socket file',
  tries:
    "Connects to /tmp/.X11-unix/XN of an X server of the exam's own, and must bring a nonce back from its root window.",
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['X11 without a sandbox of its own', 'ATT&CK T1056'],
  closing: 'Give the box a /tmp of its own.',
  price: 'Windows need a display of the box: a nested X server, or a Wayland proxy.',
  holes: ['files'],
  lacks: lacksDisplay,
  plant: (scene, canary) =>
    plantMark(scene, canary, async (inside, display, name, nonce) =>
      byNonce(await inside.ask('x-property', [display.path, name]), nonce, `connected to ${display.path}`),
    ),
}
