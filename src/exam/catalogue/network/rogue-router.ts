import type { Probe } from '../../types.ts'
import { WITH_FRAMES } from './on-lan.ts'
import { ETHER, ethernet, hexOf, routerAdvertisement } from './packets.ts'
import { plantReach } from './reach.ts'

const LIAR = '02:67:62:78:00:03'
/** Of ff02::1 (RFC 2464, 7). */
const ALL_NODES = '33:33:00:00:00:01'

export const rogueRouter: Probe = {
  ...WITH_FRAMES,
  id: 'network-rogue-router',
  number: 82,
  title: 'pose as a router of IPv6 on your LAN',
  tries: `As root inside, sends a router advertisement with a nonce (of lifetime 0, so that nobody is led astray); the segment of the \
test LAN must see it. Boxes of ours have --network internet.`,
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['CVE-2020-13401', 'CVE-2020-10749'],
  closing:
    'Take CAP_NET_RAW from the box, bridge it to no LAN, and let the host take no advertisements from it.',
  price: 'None but for routers in boxes.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet as root',
      frames: true,
      tryIt: (inside, text) => {
        const advertisement = routerAdvertisement('fe80::bad', text)
        return inside.ask('net-frame', [hexOf(ethernet(ALL_NODES, LIAR, ETHER.six, advertisement))])
      },
    }),
}
