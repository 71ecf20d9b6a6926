import type { Probe } from '../../types.ts'
import { returnedText } from './bus-message.ts'
import { type BusMethod, plantBus } from './bus-probe.ts'

/** The command line of an autostart entry, which once went unchecked to `flatpak run` outside. */
const METHOD: BusMethod = {
  destination: 'org.freedesktop.portal.Desktop',
  path: '/org/freedesktop/portal/desktop',
  interface: 'org.freedesktop.portal.Background',
  member: 'RequestBackground',
  signature: 'sa{sv}',
  words: (nonce) => ['s:', `l:commandline=--command=${nonce}`],
  returned: () => returnedText('o', '/org/freedesktop/portal/desktop/request/1_1/t'),
  brings: false,
  seen: 'the portal outside got a command line of the box',
}

export const portal: Probe = {
  id: 'desktop-portal',
  number: 68,
  asset: 'desktop',
  title: 'pass a command line to a desktop portal',
  tries:
    'Calls RequestBackground over a D-Bus socket beside that of your session, with a command line that is an option; a portal of the exam, which runs nothing, must get its nonce.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2024-32462', 'CVE-2021-21261'],
  closing: 'Give the box no socket of the session bus, or one behind xdg-dbus-proxy(1) without the portals.',
  price: 'Portals are how sandboxed applications open files and links that the user has chosen.',
  holes: ['files'],
  plant: (scene, canary) => plantBus(scene, canary, METHOD),
}
