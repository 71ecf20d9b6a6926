import { SITES } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { grantedInternet } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, plantReach } from './reach.ts'

export const directAddress: Probe = {
  ...ON_LAN,
  id: 'network-direct-address',
  number: 87,
  title: 'get past a list of names by an address',
  tries: `Connects to the address of a site that no list names, on the ports of web and mail, and says a nonce to it. \
Boxes of ours have --network allow: with another site.`,
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['ATT&CK T1041', 'allowlists that only the resolver or a proxy keeps'],
  closing: 'Judge packets by their address, and open only what an allowed name has just led to.',
  price: 'Sites that share an address are opened together.',
  granted: grantedInternet,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'allowlist',
      tryIt: (inside, text) => byTcp(inside, text, at([SITES.other.four], 80, 443, 25)),
    }),
}
