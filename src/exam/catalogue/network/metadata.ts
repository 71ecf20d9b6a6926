import { METADATA } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, plantReach } from './reach.ts'

export const metadata: Probe = {
  ...ON_LAN,
  id: 'network-metadata',
  number: 84,
  title: "ask a cloud's metadata service for keys",
  tries: `Asks 169.254.169.254 for a path with a nonce; the router of the test LAN has this address. Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1552.005', 'Capital One 2019'],
  closing: 'Refuse link-local addresses.',
  price: 'None.',
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      tryIt: (inside, text) =>
        byTcp(inside, `GET /latest/meta-data/${text} HTTP/1.0\r\n\r\n`, at([METADATA], 80)),
    }),
}
