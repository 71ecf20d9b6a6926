import { LINK } from '../plan/link.ts'
import type { OpenNetwork, Publication } from '../policy/network-types.ts'
import { chain, TCP, UDP } from './nft-text.ts'

/*
 * Ports of the box that are reached from outside. pasta listens on the machine, and connects to the same port of the gate: through its
 * link, or, for who comes from the machine's loopback, by a socket of its own in the gate (passt(1), --tcp-ports), to the gate's
 * loopback or, in newer versions, to its outward address. From there it goes on to the box.
 */

const [BOX4, BOX6] = [LINK.box.address4, LINK.box.address6]

const ports = (publish: readonly Publication[], transport: Publication['transport']): number[] => [
  ...new Set(publish.filter((one) => one.transport === transport).map(({ boxPort }) => boxPort)),
]

/** A match for each transport that something is published in. */
function matches(publish: readonly Publication[], port: 'dport' | 'sport'): string[] {
  return (['tcp', 'udp'] as const).flatMap((transport) => {
    const own = ports(publish, transport)
    return own.length === 0
      ? []
      : [`meta l4proto ${transport === 'tcp' ? TCP : UDP} th ${port} { ${own.join(', ')} }`]
  })
}

/** Rules of the chain `forward`: who connects from outside. */
export const publishedArrivals = ({ publish }: OpenNetwork): string[] =>
  matches(publish, 'dport').flatMap((match) =>
    [`ip daddr ${BOX4}`, `ip6 daddr ${BOX6}`].map(
      (to) =>
        `iifname "${LINK.outward.interface}" oifname "${LINK.gate.interface}" ct direction original ${to} ${match} accept`,
    ),
  )

/** Rules of the chain `forward`: what the box answers. */
export const publishedAnswers = ({ publish }: OpenNetwork): string[] =>
  matches(publish, 'sport').map(
    (match) =>
      `iifname "${LINK.gate.interface}" oifname "${LINK.outward.interface}" ct direction reply ct state established ${match} accept`,
  )

/** The chains that lead what arrives on to the box. */
export function publishChains({ publish }: OpenNetwork): string[] {
  const all = matches(publish, 'dport')
  if (all.length === 0) return []
  const { outward, gate } = LINK
  const on = (condition: string): string[] =>
    all.flatMap((match) => [
      `${condition} meta nfproto ipv4 ${match} dnat ip to ${BOX4}`,
      `${condition} meta nfproto ipv6 ${match} dnat ip6 to ${BOX6}`,
    ])
  return [
    ...chain(
      'arrive',
      'type nat hook prerouting priority dstnat; policy accept;',
      on(`iifname "${outward.interface}"`),
    ),
    ...chain('splice', 'type nat hook output priority -100; policy accept;', [
      ...on(`ip daddr { 127.0.0.1, ${outward.address4} }`).filter((rule) => rule.includes('dnat ip to')),
      ...on(`ip6 daddr { ::1, ${outward.address6} }`).filter((rule) => rule.includes('dnat ip6 to')),
    ]),
    // The machine's loopback is nobody's address in the box; whoever comes by the link keeps theirs.
    ...chain('arrived', 'type nat hook postrouting priority srcnat; policy accept;', [
      `oifname "${gate.interface}" ip saddr { 127.0.0.0/8, ${outward.address4} } masquerade`,
      `oifname "${gate.interface}" ip6 saddr { ::1, ${outward.address6} } masquerade`,
    ]),
  ]
}

/** Kernel settings of the gate's namespace: what comes from its loopback and goes to the box is no stray (ip-sysctl.rst). */
export const publishSettings = ({ publish }: OpenNetwork): readonly (readonly [string, string])[] =>
  publish.length === 0 ? [] : [['net/ipv4/conf/all/route_localnet', '1']]
