import { questionBytes, replyBytes, TYPES } from '../../../lab/dns.ts'
import { BROADCAST } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { grantedLan } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byUdp, plantReach, together } from './reach.ts'

const SENT_MS = 200

/** An answer that nobody has asked for: responders and caches take it all the same (RFC 6762, 8.3). */
function answerFor(name: string): Buffer {
  const question = questionBytes(0, name, TYPES.A, undefined)
  return replyBytes(question, 0, [{ name, type: 'A', ttl: 120, data: '192.168.7.66' }])
}

export const poisoning: Probe = {
  ...ON_LAN,
  id: 'network-poisoning',
  number: 79,
  title: 'answer for names of your LAN in the place of others',
  tries: `Announces a name with a nonce by answers of mDNS, LLMNR and NetBIOS, from their ports, to all on the test LAN; its segment must see them. \
Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1557.001', 'Responder'],
  closing: 'Let no multicast and no broadcast out of the box.',
  price: 'An application cannot offer itself on the LAN.',
  granted: grantedLan,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'internet',
      frames: true,
      tryIt: (inside, text) => {
        const [mdns, llmnr] = [answerFor(`${text}.local`), answerFor(text)]
        const from = (port: number) => ({ from: port, waitMs: SENT_MS })
        return together(
          byUdp(inside, mdns, at(['224.0.0.251', 'ff02::fb'], 5353), from(5353)),
          byUdp(inside, llmnr, at(['224.0.0.252', 'ff02::1:3'], 5355), from(5355)),
          byUdp(inside, llmnr, at([BROADCAST, '255.255.255.255'], 137), from(137)),
        )
      },
    }),
}
