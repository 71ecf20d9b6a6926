import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { lacksDisplay, plantDisplay } from './x-display.ts'

/** Escape, at which the listener stops. */
const END = '.'

function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return plantDisplay(scene, async ({ any, user }) => async (inside) => {
    const nonce = scene.nonce()
    const listener = inside.hold('x-keylog', [any, String(nonce.length)], { timeoutMs: 20_000 })
    if (await listener.until('listening')) await user.ask('x-press', [any, canary ? nonce + END : END])
    return byNonce(await listener.answer, nonce, 'heard what was typed into another window')
  })
}

export const keys: Probe = {
  id: 'desktop-keys',
  number: 62,
  asset: 'desktop',
  title: 'read every key that you press',
  tries:
    'Listens for raw key events of an X display while a nonce is typed on it by a program outside, and must bring it back.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1056.001'],
  closing: 'Give the box no way to the X display, or one of its own (Xephyr, Xpra, a Wayland proxy).',
  price: 'A nested display copies every picture, and shares no clipboard by itself.',
  holes: ['files', 'net'],
  lacks: lacksDisplay,
  plant,
}
