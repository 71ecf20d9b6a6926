import { questionBytes, TYPES } from '../../../lab/dns.ts'
import type { Probe } from '../../types.ts'
import { grantedLan } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byUdp, plantReach, together } from './reach.ts'

/** Nobody answers for a name that nobody has. */
const SENT_MS = 200
const search = (text: string): string =>
  `M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: glovebox-${text}\r\n\r\n`

export const multicastDiscovery: Probe = {
  ...ON_LAN,
  id: 'network-multicast-discovery',
  number: 78,
  title: 'look for devices of your LAN by multicast',
  tries: `Asks for a name with a nonce by mDNS, SSDP and LLMNR, over IPv4 and IPv6; the nodes of the test LAN and its segment must see it. \
Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1018', 'ATT&CK T1046'],
  closing: 'Let no multicast and no broadcast out of the box.',
  price: 'Casting and printers that are found by themselves do not work.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      frames: true,
      tryIt: (inside, text) => {
        const options = { waitMs: SENT_MS }
        const [mdns, llmnr] = [`${text}.local`, text].map((name) =>
          questionBytes(0, name, TYPES.A, undefined),
        )
        return together(
          byUdp(inside, mdns ?? '', at(['224.0.0.251', 'ff02::fb'], 5353), options),
          byUdp(inside, llmnr ?? '', at(['224.0.0.252', 'ff02::1:3'], 5355), options),
          byUdp(inside, search(text), at(['239.255.255.250', 'ff02::c'], 1900), options),
        )
      },
    }),
  granted: grantedLan,
}
