import { addressesOf, REBINDING } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { grantedLan } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { addressesIn, at, byTcp, plantReach, together, WAIT_MS } from './reach.ts'

/** Each second answer points into the LAN; others may ask in between. */
const TIMES = 4

export const rebinding: Probe = {
  ...ON_LAN,
  holes: ['net', 'files'], // resolv.conf(5) is a file
  id: 'network-rebinding',
  number: 89,
  title: 'reach your LAN by a name that changes its address',
  tries: `Asks several times for ${REBINDING}, whose second answer is an address of the test LAN's store of files, and says a nonce to whatever \
addresses came back. Boxes of ours have --network internet.`,
  attacker: 'a remote peer',
  severity: 'lateral movement',
  standsFor: ['DNS rebinding', 'CVE-2018-5702'],
  closing: 'Refuse answers with private addresses, and the addresses themselves.',
  price: 'Names of the LAN are only answered where the LAN is granted.',
  granted: grantedLan,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      counts: ({ node }) => node === 'nas',
      tryIt: async (inside, text) => {
        const asked = Array.from({ length: TIMES }, () =>
          inside.ask('net-resolve', [String(WAIT_MS), REBINDING]),
        )
        const names = await together(...asked)
        const known = addressesIn(names.text, 'address').filter((one) => addressesOf('nas').includes(one))
        return known.length === 0
          ? names
          : together(Promise.resolve(names), byTcp(inside, text, at(known, 80)))
      },
    }),
}
