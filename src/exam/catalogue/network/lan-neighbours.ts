import { addressesOf } from '../../../lab/topology.ts'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { grantedLan } from './granted.ts'
import { launchOn } from './launches.ts'
import { ON_LAN } from './on-lan.ts'
import { hexOf } from './packets.ts'
import { arrivalInWords, at, byTcp, byUdp, type Target, together } from './reach.ts'
import { testLan } from './test-lan.ts'

const TARGETS: readonly Target[] = [
  ...at(addressesOf('printer'), 9100),
  ...at(addressesOf('nas'), 445),
  ...at(addressesOf('victim'), 22),
  ...at(addressesOf('router').slice(0, 3), 80),
]

/** Beside what answers, an address that nobody has: whoever looks for it asks the whole segment (RFC 826). */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const lan = await testLan(scene)
  const [nonce, nobody] = [scene.nonce(), lan.unusedAddress()]
  const asked = hexOf(Buffer.from(nobody.split('.').map(Number)))
  return {
    launch: launchOn(lan, scene, 'internet'),
    attempt: async (inside) => {
      const [text, swept] = canary ? [nonce, at([nobody], 445)] : ['nothing', []]
      const answer = await together(
        byTcp(inside, text, [...TARGETS, ...swept]),
        byUdp(inside, text, at(addressesOf('nas'), 137)),
      )
      const arrival = await lan.arrival((one) => one.text.includes(nonce))
      const arped = await lan.frame(({ kind, bytes }) => kind === 'arp' && bytes.includes(asked))
      const words =
        arrival === undefined ? `the segment was asked by ARP who has ${nobody}` : arrivalInWords(arrival)
      return byWitness((arrival ?? arped) !== undefined, answer, words)
    },
    [Symbol.asyncDispose]: async () => undefined, // the LAN ends with the exam
  }
}

export const lanNeighbours: Probe = {
  ...ON_LAN,
  id: 'network-lan-neighbours',
  number: 77,
  title: 'reach printers, stores and computers of your LAN',
  tries: `Says a nonce to the printer, the store of files, the router and a computer of the test LAN, by all of their addresses, and looks \
for an address that nobody has, for which the segment would be asked by ARP. Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1046', 'CVE-2024-47176'],
  closing: 'Refuse private addresses and every network that this machine is in.',
  price: 'Printing and shares need a grant for their host: --network lan:HOST.',
  granted: grantedLan,
  plant,
}
