import { LINK, LINK_MTU } from '../plan/link.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import { counted, logFiles } from './gate-words.ts'
import { chain, ICMP, ICMP6, TCP, UDP } from './nft-text.ts'

/*
 * Boxes that have joined a network of the same name reach each other (docs/decisions/023-named-networks.md). To the gate the others are
 * behind an interface of their own; to the box they are behind the gate, as everybody is.
 */

export interface JoinedPlace {
  /** The network's folder, the same for all of its boxes. */
  readonly folder: string
  /** `own`: nobody else's; `also`: others may have them, too, and then they name nobody. */
  readonly names: { readonly own: readonly string[]; readonly also: readonly string[] }
}

/** An id in the gate's user namespace that nothing else of it has. */
const JOIN_ID = 65_530

const { joined, gate, box } = LINK
const withNumber = (range: string, number: string): string => range.replace(/0\/24$|\/64$/, number)

/** For ip(8): the holder writes the box's number for `@`, and its hexadecimal digits for `#`. */
const LINES = [
  `link set ${joined.interface} mtu ${LINK_MTU} up`,
  `addr add ${withNumber(joined.range4, '@')}/24 dev ${joined.interface}`,
  `addr add ${withNumber(joined.range6, '#')}/64 dev ${joined.interface} nodad`,
]

/** Pure. */
export function joinWords({ folder, names }: JoinedPlace): string[] {
  const list = [...names.own.map((name) => `=${name}\n`), ...names.also.map((name) => `~${name}\n`)]
  return ['--gate-join', folder, list.join('').toLowerCase(), joined.interface, `${LINES.join('\n')}\n`]
}

export function joinedProgram(resolver: string, log: readonly string[]): string[] {
  const words = [
    ...[
      'join',
      '--tun-fd',
      '3',
      '--socket-fd',
      '4',
      '--folder-fd',
      '5',
      '--log-fd',
      '6',
      '--log-other-fd',
      '7',
    ],
    ...['--ready-fd', '8', '--log-bytes', '65536', '--range4', joined.range4, '--range6', joined.range6],
    ...['--uid', String(JOIN_ID), '--gid', String(JOIN_ID)],
  ]
  return [
    ...['tun', 'socket', 'folder'].flatMap((what) => ['--gate-joined', what]),
    ...logFiles(log),
    ...counted('--gate-program', [resolver, ...words]),
  ]
}

/** Of the resolver: where it finds the names of the others. */
export const memberWords = (listFd: number): string[] => [
  ...['--members-fd', String(listFd), '--members4', joined.range4, '--members6', joined.range6],
]

const PASSED = [
  `meta l4proto { ${TCP}, ${UDP} } accept`,
  'icmp type { echo-request, echo-reply } accept',
  'icmpv6 type { echo-request, echo-reply } accept',
]
const ERRORS = `meta l4proto { ${ICMP}, ${ICMP6} }`

/** The first rules of the chain `forward`: nothing of this interface gets to the others. */
export const joinedForward = ({ join }: OpenNetwork): string[] =>
  join === undefined
    ? []
    : [`iifname "${joined.interface}" goto from_peers`, `oifname "${joined.interface}" goto to_peers`]

/** The first rule of the chain `input`: to the others the gate itself is nobody. */
export const joinedInput = ({ join }: OpenNetwork): string[] =>
  join === undefined ? [] : [`iifname "${joined.interface}" drop`]

/** What stands above the opening of this network: of what the box sends there, and of what comes from there. */
export interface Closed {
  readonly sent: readonly string[]
  readonly received: readonly string[]
}

export function joinedChains({ join }: OpenNetwork, closed: Closed): string[] {
  if (join === undefined) return []
  return [
    ...chain('to_peers', undefined, [
      `iifname != "${gate.interface}" drop`,
      `ip saddr != ${box.address4} drop`,
      `ip6 saddr != ${box.address6} drop`,
      `ct state related ${ERRORS} accept`,
      'ct state invalid drop',
      ...closed.sent,
      ...PASSED,
      'goto refuse',
    ]),
    ...chain('from_peers', undefined, [
      `oifname != "${gate.interface}" drop`,
      `ip saddr != ${joined.range4} drop`,
      `ip6 saddr != ${joined.range6} drop`,
      ...closed.received,
      // An error is about a flow with one of them: nobody there may say what has become of the box's other flows.
      `ct state related ${ERRORS} ct original ip saddr ${joined.range4} accept`,
      `ct state related ${ERRORS} ct original ip daddr ${joined.range4} accept`,
      `ct state related ${ERRORS} ct original ip6 saddr ${joined.range6} accept`,
      `ct state related ${ERRORS} ct original ip6 daddr ${joined.range6} accept`,
      `ct state { related, invalid } drop`,
      ...PASSED,
      'drop',
    ]),
    // Whatever comes is for the box; the gate's programs take only what is for its address there.
    ...chain('arrive_peers', 'type nat hook prerouting priority dstnat; policy accept;', [
      `iifname "${joined.interface}" meta nfproto ipv4 dnat ip to ${box.address4}`,
      `iifname "${joined.interface}" meta nfproto ipv6 dnat ip6 to ${box.address6}`,
    ]),
    ...chain('leave_peers', 'type nat hook postrouting priority srcnat; policy accept;', [
      `oifname "${joined.interface}" masquerade`,
    ]),
  ]
}
