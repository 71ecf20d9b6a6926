import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { plantSocket } from './planted-socket.ts'
import { runtimePath } from './session-environment.ts'
import { soundTalk } from './sound-server.ts'

function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  const path = runtimePath(scene, 'pulse')
  const env = { PULSE_SERVER: `unix:${path}` }
  return plantSocket(scene, canary, { path, env, talk: soundTalk(nonce) }, async (inside) =>
    byNonce(await inside.ask('record', [path]), nonce, 'recorded from the default source'),
  )
}

export const microphone: Probe = {
  id: 'desktop-microphone',
  number: 70,
  asset: 'desktop',
  title: 'record your microphone',
  tries:
    "Records by PulseAudio's protocol, which PipeWire speaks, too, from a sound server of the exam on a socket beside that of your session, and must bring back the nonce that it hears.",
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1123'],
  closing: 'Give the box no socket of the sound server, or one that only plays.',
  price: 'Calls and recordings need a microphone that is granted.',
  holes: ['files'],
  plant,
}
