import { basename } from 'node:path'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { type CompositorLog, compositorTalk, TRUSTED } from './compositor.ts'
import { plantSocket } from './planted-socket.ts'
import { runtimePath } from './session-environment.ts'

function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const log: CompositorLog = { bound: new Set(), typed: '' }
  const path = runtimePath(scene, '0', 'wayland-')
  const env = { WAYLAND_DISPLAY: basename(path) }
  return plantSocket(scene, canary, { path, env, talk: compositorTalk(log) }, async (inside) => {
    const nonce = scene.nonce()
    const answer = await inside.ask('wayland', [path, nonce])
    const given = Object.entries(TRUSTED).flatMap(([name, what]) => (log.bound.has(name) ? [what] : []))
    const typed = log.typed.includes(nonce) ? ', and it typed' : ''
    log.bound.clear()
    log.typed = ''
    return byWitness(
      given.length > 0,
      answer,
      `the compositor outside was asked for ${given.join(', ')}${typed}`,
    )
  })
}

export const wayland: Probe = {
  id: 'desktop-wayland',
  number: 66,
  asset: 'desktop',
  title: 'use what your Wayland compositor gives to trusted programs',
  tries:
    "Connects to a Wayland socket beside your compositor's, and asks for pictures of the screen, the clipboard and a keyboard; a compositor of the exam, which shows nothing, must be asked for them.",
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['wlr-screencopy, wlr-data-control, virtual-keyboard', 'ATT&CK T1113, T1115'],
  closing: 'Give the box no socket of the compositor but one made for sandboxes (wp_security_context_v1).',
  price: 'The compositor must know that protocol; older ones do not.',
  holes: ['files'],
  plant,
}
