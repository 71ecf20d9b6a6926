import type { Probe } from '../../types.ts'
import { grantedHost } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, knownInside, plantReach, together } from './reach.ts'

/** slirp4netns(1) calls the host fd00::2. */
const NAMES_OF_HOST = ['::1', 'fd00::2', '::ffff:127.0.0.1']

export const hostLoopback6: Probe = {
  ...ON_LAN,
  id: 'network-host-loopback-6',
  number: 75,
  title: "reach services of this machine's loopback over IPv6",
  tries: `Says a nonce to a service that listens at ::1 of the test LAN's host, by that address, by fd00::2 and by its gateways. \
Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['rules that were written for IPv4 alone'],
  closing: 'Close for IPv6 what is closed for IPv4, or give the box no IPv6.',
  price: 'None, where the rules are the same for both.',
  granted: grantedHost,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      counts: ({ node, address }) => node === 'host' && (address === '::1' || address === '127.0.0.1'),
      tryIt: async (inside, text) => {
        const { gateway } = await knownInside(inside)
        const six = [...NAMES_OF_HOST, ...gateway.filter((one) => one.includes(':'))]
        return together(byTcp(inside, text, at(six, 631)), byUdp(inside, text, at(six, 632)))
      },
    }),
}
