import type { Probe } from '../../types.ts'
import { WITH_FRAMES } from './on-lan.ts'
import { arp, BROADCAST_MAC, ETHER, ethernet, hexOf } from './packets.ts'
import { plantReach } from './reach.ts'

const LIAR = '02:67:62:78:00:01'

export const arpSpoof: Probe = {
  ...WITH_FRAMES,
  id: 'network-arp-spoof',
  number: 80,
  title: 'take over addresses of your LAN by ARP',
  tries: `As root inside, sends ARP replies with a nonce that claim an address of the test LAN which nobody has; its segment must see one. \
Boxes of ours have --network internet.`,
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1557.002'],
  closing: 'Bridge no box to the LAN, and take CAP_NET_RAW from it.',
  price: 'None but for tools that work on frames.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet as root',
      frames: true,
      tryIt: (inside, text, lan) => {
        const claimed = lan.unusedAddress()
        const reply = arp(2, LIAR, claimed, claimed, text)
        return inside.ask('net-frame', [hexOf(ethernet(BROADCAST_MAC, LIAR, ETHER.arp, reply))])
      },
    }),
}
