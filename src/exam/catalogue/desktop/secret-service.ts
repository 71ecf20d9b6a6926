import type { Probe } from '../../types.ts'
import { returnedSecret } from './bus-message.ts'
import { type BusMethod, plantBus } from './bus-probe.ts'

const SESSION = '/org/freedesktop/secrets/session/s1'

const METHOD: BusMethod = {
  destination: 'org.freedesktop.secrets',
  path: '/org/freedesktop/secrets/collection/login/1',
  interface: 'org.freedesktop.Secret.Item',
  member: 'GetSecret',
  signature: 'o',
  words: () => [`o:${SESSION}`],
  returned: (nonce) => returnedSecret(SESSION, nonce),
  brings: true,
  seen: 'got a password of the keyring',
}

export const secretService: Probe = {
  id: 'desktop-secret-service',
  number: 72,
  asset: 'desktop',
  title: 'read passwords of your keyring',
  tries:
    'Calls GetSecret over a D-Bus socket beside that of your session, and must bring back a nonce that a Secret Service of the exam keeps.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1555', 'an unlocked keyring answers every client'],
  closing:
    'Give the box no socket of the session bus, or one behind xdg-dbus-proxy(1) without org.freedesktop.secrets.',
  price: 'Applications in the box keep their passwords by themselves.',
  holes: ['files'],
  plant: (scene, canary) => plantBus(scene, canary, METHOD),
}
