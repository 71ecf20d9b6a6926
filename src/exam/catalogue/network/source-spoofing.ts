import { NODES, onSegment, SITES } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { WITH_FRAMES } from './on-lan.ts'
import { hexOf, ip4, udp4 } from './packets.ts'
import { plantReach } from './reach.ts'

const [VICTIM] = onSegment(NODES.victim.onSegment ?? 0)
const SITE = SITES.allowed.four
const [FROM_PORT, ECHO] = [7777, 7] as const

export const sourceSpoofing: Probe = {
  ...WITH_FRAMES,
  id: 'network-source-spoofing',
  number: 92,
  title: 'send packets in the name of another computer',
  tries: `As root inside, sends a datagram with a nonce to a site as if it came from another computer of the test LAN; the site must see that \
one as the sender. Boxes of ours have --network internet.`,
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['BCP 38', 'reflected floods'],
  closing: 'Take CAP_NET_RAW from the box, and let only its own addresses pass.',
  price: 'None.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet as root',
      counts: ({ peer }) => peer === VICTIM,
      tryIt: (inside, text) => {
        const packet = ip4(VICTIM, SITE, udp4(FROM_PORT, ECHO, Buffer.from(text)))
        return inside.ask('net-packet', [hexOf(packet), SITE])
      },
    }),
}
