import { SITES } from '../../../lab/topology.ts'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { grantedInternet } from './granted.ts'
import { launchOn } from './launches.ts'
import { ON_LAN } from './on-lan.ts'
import { hexOf } from './packets.ts'
import { arrivalInWords, at, byUdp, together, WAIT_MS } from './reach.ts'
import { testLan } from './test-lan.ts'

const OTHER = [SITES.other.four, SITES.other.six]
/** Stands before the nonce in echo requests, which the internet of the test LAN listens for. */
const MARKER = 'glovebox-echo '
const LISTEN_MS = '8000'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const lan = await testLan(scene)
  const nonce = scene.nonce()
  const text = canary ? nonce : 'nothing'
  return {
    launch: launchOn(lan, scene, 'allowlist'),
    attempt: async (inside) => {
      const listening = (await lan.at('internet')).hold('net-sniff', [LISTEN_MS, MARKER])
      await listening.until('listening')
      const answer = await together(
        byUdp(inside, text, at(OTHER, 443, 7, 123)),
        inside.ask('net-ping', [String(WAIT_MS), hexOf(`${MARKER}${text}`), ...OTHER]),
      )
      const arrival = await lan.arrival((one) => one.text.includes(nonce))
      const echoed = (await listening.release()).text.includes(nonce)
      const words = [
        ...(arrival === undefined ? [] : [arrivalInWords(arrival)]),
        ...(echoed ? ['an echo request got to the internet'] : []),
      ]
      return byWitness(words.length > 0, answer, words.join('; '))
    },
    [Symbol.asyncDispose]: async () => undefined, // the LAN ends with the exam
  }
}

export const otherTransports: Probe = {
  ...ON_LAN,
  id: 'network-other-transports',
  number: 91,
  title: 'get past rules by UDP, QUIC or ping',
  tries: `Sends a nonce to a site that no list names in datagrams, to the port of QUIC as well, and in echo requests of both families. \
Boxes of ours have --network allow: with another site.`,
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['ATT&CK T1095', 'proxies that see TCP alone'],
  closing: 'Close every transport that the rules do not open, ICMP too.',
  price: 'None: QUIC and ping work where a rule opens them.',
  granted: grantedInternet,
  plant,
}
