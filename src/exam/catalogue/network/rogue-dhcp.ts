import type { Probe } from '../../types.ts'
import { WITH_FRAMES } from './on-lan.ts'
import { BROADCAST_MAC, dhcpOffer, ETHER, ethernet, hexOf, ip4, udp4 } from './packets.ts'
import { byUdp, plantReach, together } from './reach.ts'

const LIAR = '02:67:62:78:00:02'
const [SERVER, CLIENT] = [67, 68] as const
const EVERYBODY = '255.255.255.255'
const SENT_MS = 200

export const rogueDhcp: Probe = {
  ...WITH_FRAMES,
  id: 'network-rogue-dhcp',
  number: 81,
  title: 'hand out addresses and routes on your LAN (DHCP)',
  tries: `As root inside, broadcasts an offer of DHCP with a nonce as the server's name, as a datagram and as a frame; the segment of the \
test LAN must see it. Boxes of ours have --network internet.`,
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1557.003'],
  closing: 'Let no broadcast out of the box, and bridge it to no LAN.',
  price: 'None but for servers of DHCP.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet as root',
      frames: true,
      tryIt: (inside, text, lan) => {
        const nobody = lan.unusedAddress()
        const offer = dhcpOffer(nobody, text)
        const packet = ip4(nobody, EVERYBODY, udp4(SERVER, CLIENT, offer))
        return together(
          byUdp(inside, offer, [[EVERYBODY, CLIENT]], { from: SERVER, waitMs: SENT_MS }),
          inside.ask('net-frame', [hexOf(ethernet(BROADCAST_MAC, LIAR, ETHER.four, packet))]),
        )
      },
    }),
}
