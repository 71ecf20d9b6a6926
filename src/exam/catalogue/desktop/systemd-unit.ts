import type { Probe } from '../../types.ts'
import { returnedText } from './bus-message.ts'
import { type BusMethod, plantBus } from './bus-probe.ts'

const METHOD: BusMethod = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
  member: 'StartTransientUnit',
  signature: 'ssa(sv)a(sa(sv))',
  words: (nonce) => [`s:glovebox-canary-${nonce}.service`, 's:fail', 'e:/bin/true', 'a:'],
  returned: () => returnedText('o', '/org/freedesktop/systemd1/job/1'),
  brings: false,
  seen: 'the service manager outside was asked to start a program',
}

export const systemdUnit: Probe = {
  id: 'desktop-systemd-unit',
  number: 67,
  asset: 'desktop',
  title: 'start programs outside by your service manager',
  tries:
    'Calls StartTransientUnit over a D-Bus socket beside that of your session; a service manager of the exam, which starts nothing, must be asked for a unit with a nonce in its name.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['systemd-run --user out of a sandbox', 'ATT&CK T1543.002'],
  closing:
    'Give the box no socket of the session bus, or one behind xdg-dbus-proxy(1) that lets only named services through.',
  price: 'Notifications, tray icons and media keys need the bus.',
  holes: ['files'],
  plant: (scene, canary) => plantBus(scene, canary, METHOD),
}
