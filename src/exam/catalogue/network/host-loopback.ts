import type { Probe } from '../../types.ts'
import { grantedHost } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, knownInside, plantReach, together } from './reach.ts'

/** Of the host itself, and what user-mode networks lead there: slirp4netns(1), pasta(1). */
const NAMES_OF_HOST = ['127.0.0.1', '10.0.2.2', '169.254.1.1', '169.254.1.2']

export const hostLoopback: Probe = {
  ...ON_LAN,
  id: 'network-host-loopback',
  number: 74,
  title: "reach services of this machine's loopback",
  tries: `Says a nonce to a printing service that listens at 127.0.0.1 of the test LAN's host, by that address, by its gateways and \
by the names that user-mode networks give the host. Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['CVE-2020-15257', 'slirp4netns and pasta as they are by default'],
  closing:
    'Map no address of the box to the host: slirp4netns --disable-host-loopback, pasta --no-map-gw with -T none -U none.',
  price: 'An application that shall use such a service is given its port: --network host:631.',
  granted: grantedHost,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      counts: ({ node, address }) => node === 'host' && address === '127.0.0.1',
      tryIt: async (inside, text) => {
        const { gateway } = await knownInside(inside)
        const four = [...NAMES_OF_HOST, ...gateway.filter((one) => !one.includes(':'))]
        return together(byTcp(inside, text, at(four, 631)), byUdp(inside, text, at(four, 632)))
      },
    }),
}
