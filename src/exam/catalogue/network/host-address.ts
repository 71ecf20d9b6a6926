import { addressesOf } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, plantReach, together } from './reach.ts'

export const hostAddress: Probe = {
  ...ON_LAN,
  id: 'network-host-address',
  number: 76,
  title: 'reach services of this machine by its own addresses',
  tries: `Says a nonce to services of the test LAN's host by its addresses there: private, unique local and global ones. \
Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1046', 'services that trust the LAN'],
  closing: "Refuse the machine's own addresses, global ones of IPv6 too.",
  price: 'A service of this machine is then only reached where its port is granted.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      counts: ({ node }) => node === 'host',
      tryIt: (inside, text) =>
        together(
          byTcp(inside, text, at(addressesOf('host'), 80, 22)),
          byUdp(inside, text, at(addressesOf('host'), 7)),
        ),
    }),
}
