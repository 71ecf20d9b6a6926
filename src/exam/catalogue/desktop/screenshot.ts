import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { lacksDisplay, plantDisplay } from './x-display.ts'

/** A colour of 24 bits holds six digits of the nonce. */
const COLOURS = 5
const DIGITS = 6

function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce().slice(0, COLOURS * DIGITS)
  const colours = Array.from({ length: COLOURS }, (_, i) => nonce.slice(i * DIGITS, (i + 1) * DIGITS))
  return plantDisplay(scene, async ({ any, user }) => {
    if (canary) await user.hold('x-paint', [any, ...colours], { timeoutMs: 600_000 }).until('painted')
    return async (inside) =>
      byNonce(
        await inside.ask('x-pixels', [any, String(COLOURS)]),
        nonce,
        'read the colours of another window',
      )
  })
}

export const screenshot: Probe = {
  id: 'desktop-screenshot',
  number: 63,
  asset: 'desktop',
  title: 'take pictures of your screen',
  tries:
    'Reads pixels of an X display where windows of another program show a nonce as colours, and must bring it back.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1113'],
  closing: 'Give the box no way to the X display, or one of its own (Xephyr, Xpra, a Wayland proxy).',
  price: 'A nested display copies every picture, and shares no clipboard by itself.',
  holes: ['files', 'net'],
  lacks: lacksDisplay,
  plant,
}
