import type { Probe } from '../../types.ts'
import { returnedText } from './bus-message.ts'
import { type BusMethod, plantBus } from './bus-probe.ts'

const METHOD: BusMethod = {
  destination: 'org.freedesktop.portal.Desktop',
  path: '/org/freedesktop/portal/desktop',
  interface: 'org.freedesktop.portal.OpenURI',
  member: 'OpenURI',
  signature: 'ssa{sv}',
  words: (nonce) => ['s:', `s:https://${nonce}.invalid/`, 'd:handle_token=t'],
  returned: () => returnedText('o', '/org/freedesktop/portal/desktop/request/1_1/t'),
  brings: false,
  seen: 'the opener outside was given an address of the box',
}

export const opener: Probe = {
  id: 'desktop-opener',
  number: 73,
  asset: 'desktop',
  title: 'open addresses with your own applications',
  tries:
    'Calls OpenURI, as xdg-open does, over a D-Bus socket beside that of your session; an opener of the exam, which opens nothing, must get an address with a nonce.',
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['addresses that carry data out', 'ATT&CK T1204.001'],
  closing: 'Give the box no socket of the session bus, or let a person confirm each address.',
  price: 'A link in the box opens in the box, or not at all.',
  holes: ['files'],
  plant: (scene, canary) => plantBus(scene, canary, METHOD),
}
