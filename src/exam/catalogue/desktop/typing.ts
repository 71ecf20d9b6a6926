import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { lacksDisplay, plantDisplay } from './x-display.ts'

/** Escape, at which the window of the witness tells what was typed. */
const END = '.'

function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return plantDisplay(scene, async ({ any, user }) => async (inside) => {
    const nonce = scene.nonce()
    const window = canary ? user.hold('x-listen', [any]) : undefined
    await window?.until('listening')
    const answer = await inside.ask('x-press', [any, nonce])
    await user.ask('x-press', [any, END])
    const heard = (await window?.answer)?.text ?? ''
    return byWitness(heard.includes(nonce), answer, 'a window outside, which had the focus, got the keys')
  })
}

export const typing: Probe = {
  id: 'desktop-typing',
  number: 65,
  asset: 'desktop',
  title: 'type into your other windows',
  tries:
    'Types a nonce by the XTEST extension of an X display; a window of a program outside, which has the focus, records its keys.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['XTEST into a terminal', 'ATT&CK T1204'],
  closing: 'Give the box no way to the X display, or one of its own (Xephyr, Xpra, a Wayland proxy).',
  price: 'A nested display copies every picture, and shares no clipboard by itself.',
  holes: ['files', 'net'],
  lacks: lacksDisplay,
  plant,
}
