import type { Probe } from '../../types.ts'
import { returnedVariant } from './bus-message.ts'
import { type BusMethod, plantBus } from './bus-probe.ts'

const METHOD: BusMethod = {
  destination: 'org.a11y.atspi.Registry',
  path: '/org/a11y/atspi/accessible/root',
  interface: 'org.freedesktop.DBus.Properties',
  member: 'Get',
  signature: 'ss',
  words: () => ['s:org.a11y.atspi.Accessible', 's:Name'],
  returned: returnedVariant,
  brings: true,
  seen: 'read what another application shows',
  variable: 'AT_SPI_BUS_ADDRESS',
}

export const accessibility: Probe = {
  id: 'desktop-accessibility',
  number: 69,
  asset: 'desktop',
  title: 'read other applications through the accessibility bus',
  tries:
    'Asks an accessibility registry of the exam, on a socket beside those of your session, for the name of what another application shows, and must bring its nonce back.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['AT-SPI: texts, keys and clicks of every application', 'ATT&CK T1056'],
  closing: 'Give the box no socket of the accessibility bus.',
  price: 'Screen readers do not see into the box.',
  holes: ['files'],
  plant: (scene, canary) => plantBus(scene, canary, METHOD),
}
