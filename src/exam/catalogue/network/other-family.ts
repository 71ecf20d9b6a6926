import { SITES } from '../../../lab/topology.ts'
import type { Probe } from '../../types.ts'
import { grantedInternet } from './granted.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, plantReach, together } from './reach.ts'

const { four, six } = SITES.other
const inHex = four
  .split('.')
  .map((part) => Number(part).toString(16).padStart(2, '0'))
  .join('')
const [high, low] = [inHex.slice(0, 4), inHex.slice(4)]
/** The site itself, and its address of IPv4 in the forms that IPv6 has for one: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056). */
const FORMS = [six, `::ffff:${four}`, `64:ff9b::${high}:${low}`, `2002:${high}:${low}::1`]

export const otherFamily: Probe = {
  ...ON_LAN,
  id: 'network-other-family',
  number: 90,
  title: 'get past rules over IPv6',
  tries: `Says a nonce to a site that no list names over IPv6, by its own address and by the forms in which IPv6 writes one of IPv4. \
Boxes of ours have --network allow: with another site.`,
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['rules that were written for IPv4 alone'],
  closing: 'Keep the same rules for both families, or give the box no IPv6.',
  price: 'None.',
  granted: grantedInternet,
  plant: (scene, canary) =>
    plantReach(scene, canary, {
      setting: 'allowlist',
      tryIt: (inside, text) =>
        together(byTcp(inside, text, at(FORMS, 80, 443)), byUdp(inside, text, at(FORMS, 443, 7))),
    }),
}
