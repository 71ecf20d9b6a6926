import type { NetworkFacts } from '../host/types.ts'
import { LINK, REFUSED_GROUP } from '../plan/link.ts'
import { formatTarget } from '../policy/network-rule.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import { SPECIAL4, SPECIAL6 } from '../policy/special-ranges.ts'
import { type ClassTable, classesOf, LAN_CLASS, type RuleClass } from './classes.ts'
import { joinedChains, joinedForward, joinedInput } from './joined.ts'
import {
  deniedNames,
  deniedPeers,
  deniedRules,
  deniedSet,
  hasLanNames,
  heldSet,
  judgeChains,
  openSet,
  rateRules,
} from './judge.ts'
import {
  BACK,
  chain,
  ICMP,
  ICMP6,
  IGMP,
  OUT,
  rangeSets,
  rulesInvalid,
  TCP,
  type TimedAddress,
  timedSet,
  UDP,
} from './nft-text.ts'
import { publishChains, publishedAnswers, publishedArrivals } from './publish.ts'
import { addressSet, RESOLVER_MARK, RESOLVER_TABLE } from './resolver.ts'

/**
 * The most that pasta may let a box have under way in one connection, in units of its window scale (256 bytes, so half a MiB). It offers
 * what the far host offers, which may be more than its own socket takes; it drops the rest, cannot say which parts it has (no SACK),
 * and the upload crawls or stops: 4 to 190 MiB/s without this, 500 to 1500 with it (docs/performance.md).
 */
const WINDOW = 2048

/**
 * Ports that a box's datagrams leave by. pasta binds the port that a datagram comes from on this machine, at every address of it, for
 * minutes: a box could take the ports of the machine's services, or all of those that the machine's own questions go out by
 * (ip_local_port_range: 32768 to 60999). The kernel keeps to one such port for each of the box's own (nf_nat_core.c,
 * find_appropriate_src), so who is behind it is found there by everybody.
 */
const UDP_PORTS = '40960-57343'

/** What rules that replace others go on from (decision 22); a new box has none of it. */
export interface RulesBefore {
  /** Counts the times that something was closed. */
  readonly generation: number
  readonly table: ClassTable
  /** By class: what names of it are open with, and with what they were ever answered. */
  readonly open: ReadonlyMap<number, readonly TimedAddress[]>
  readonly held: ReadonlyMap<number, readonly string[]>
  /** What names that are denied by now were answered with. */
  readonly deniedNames: readonly string[]
}

export const NEW_BOX: RulesBefore = {
  generation: 0,
  table: [],
  open: new Map(),
  held: new Map(),
  deniedNames: [],
}

/**
 * The rules of a box's gate, as `nft -f` reads them: whatever was there before is replaced in the same moment. Pure.
 *
 * What passes is judged by the far end for each packet and in both directions, so rules act on what is connected already.
 *
 * @throws GloveboxError NETWORK_FACTS_INVALID: an address or range that is none, or no address of the host is known;
 *   NETWORK_TOO_MANY_CLASSES
 */
export function gateRules(policy: OpenNetwork, facts: NetworkFacts, before: RulesBefore = NEW_BOX): string {
  // Without the host's addresses a global one of them would be open: closed rather than guessed.
  if (facts.hostAddresses.length === 0) throw rulesInvalid('no address of this machine is known')
  const { classes: opened } = classesOf(policy.allow, before.table)
  const { classes: denied } = classesOf(policy.deny.filter(({ target }) => target.kind === 'range'))
  const { gate, outward } = LINK
  const table = `inet ${RESOLVER_TABLE}`
  return `${[
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '  counter unlogged { }',
    ...setLines(policy, facts, { opened, denied }, before),
    ...enterChain(),
    ...chain('forward', 'type filter hook forward priority filter; policy drop;', [
      ...joinedForward(policy),
      // What a router on the way says of a flow that is there (RFC 792, RFC 4443), such as that a packet is too big. The box's own
      // errors end here: pasta carries none, and they hold up to 64 KiB for a place that the flow may be denied by now.
      `iifname "${outward.interface}" oifname "${gate.interface}" ct state related meta l4proto { ${ICMP}, ${ICMP6} } accept`,
      `ct state related meta l4proto { ${ICMP}, ${ICMP6} } drop`,
      `iifname "${gate.interface}" oifname "${outward.interface}" ct direction original jump leave`,
      ...(policy.publish.length > 0 ? deniedPeers(denied) : []),
      ...publishedAnswers(policy),
      `iifname "${outward.interface}" oifname "${gate.interface}" ct direction reply ct state established jump back`,
      ...publishedArrivals(policy),
      `iifname "${gate.interface}" goto refuse`,
    ]),
    ...chain('window', 'type filter hook forward priority mangle; policy accept;', [
      `iifname "${outward.interface}" tcp flags & syn == 0 tcp window > ${WINDOW} tcp window set ${WINDOW}`,
    ]),
    ...judgeChains({ policy, opened, denied, generation: before.generation }),
    ...chain('refuse', undefined, [
      'jump tell',
      // The application learns at once that it may not, as against waiting for an answer: from a reset when it is TCP, as an
      // ICMP error that comes while connect(2) still holds the socket counts only at the second SYN (tcp_v4_err), a second later.
      `meta l4proto ${TCP} reject with tcp reset`,
      'reject with icmpx type admin-prohibited',
    ]),
    // What is not told is counted, and the log of flows says how many (native/resolver/flow_counter.c).
    ...chain('tell', undefined, [
      `limit rate 200/second burst 400 packets log prefix "refused " group ${REFUSED_GROUP} return`,
      'counter name unlogged',
    ]),
    ...ownChains(policy),
    ...publishChains(policy),
    ...joinedChains(policy, {
      sent: [...deniedRules(denied, OUT), ...rateRules(policy.rates)],
      received: deniedRules(denied, BACK),
    }),
    '}',
  ].join('\n')}\n`
}

interface Classes {
  readonly opened: readonly RuleClass[]
  readonly denied: readonly RuleClass[]
}

function setLines(
  policy: OpenNetwork,
  facts: NetworkFacts,
  { opened, denied }: Classes,
  before: RulesBefore,
): string[] {
  const named = opened.filter(({ names }) => names.length > 0).map(({ number }) => number)
  return [
    ...rangeSets((of) => `self${of}`, facts.hostAddresses),
    ...rangeSets(
      (of) => `refused${of}`,
      [...Object.keys({ ...SPECIAL4, ...SPECIAL6 }), ...facts.hostAddresses, ...facts.lanRanges],
    ),
    ...lanSets(policy, facts),
    ...rangeSets(deniedNames, before.deniedNames),
    ...denied.flatMap(({ number, ranges }) => rangeSets((of) => deniedSet(of, number), ranges)),
    ...opened
      .filter(({ ranges }) => ranges.length > 0)
      .flatMap(({ number, ranges }) => rangeSets((of) => openSet(of, number), ranges)),
    ...[...named, ...(hasLanNames(policy) ? [LAN_CLASS] : [])].flatMap((number) => [
      ...([4, 6] as const).map((of) => timedSet(addressSet(of, number), of, before.open.get(number) ?? [])),
      ...rangeSets((of) => heldSet(of, number), before.held.get(number) ?? []),
    ]),
  ]
}

function lanSets({ lan }: OpenNetwork, { segments }: NetworkFacts): string[] {
  if (lan === false) return []
  const places = lan === 'segment' ? segments : lan.filter(({ kind }) => kind === 'range').map(formatTarget)
  return [...rangeSets((of) => `lan${of}`, places), ...rangeSets((of) => `segment${of}`, segments)]
}

/**
 * From the box's link comes only what bears an address of the box. It is dropped before anything else, as the gate would answer others
 * or say that their time is up, and each of those answers takes a place in the table of neighbours, which has 1,024 for all namespaces
 * of the machine (net/core/neighbour.c, gc_thresh3): full, the machine itself finds nobody any more.
 */
function enterChain(): string[] {
  const { box, gate } = LINK
  return chain('enter', 'type filter hook prerouting priority raw; policy accept;', [
    `iifname != "${gate.interface}" accept`,
    `ip saddr ${box.address4} accept`,
    `ip6 saddr ${box.address6} accept`,
    // What every kernel says to its link of itself (RFC 4861, RFC 3810, RFC 3376) is no try at anything.
    `ip6 daddr ff02::/16 icmpv6 type { nd-router-solicit, mld-listener-report, mld2-listener-report } drop`,
    `meta l4proto ${IGMP} drop`,
    `ip6 saddr { ::, ${box.local6} } icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept`,
    // Kernels that make up another address of their link.
    'ip6 saddr fe80::/10 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } limit rate 2/second burst 8 packets accept',
    'jump tell',
    'drop',
  ])
}

/** What the gate itself takes and sends: questions of the box's for names, the resolver's own, and what holds the links up. */
function ownChains(policy: OpenNetwork): string[] {
  const { gate, outward, pasta } = LINK
  return [
    ...chain('input', 'type filter hook input priority filter; policy drop;', [
      ...joinedInput(policy),
      'iifname "lo" accept',
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
      `iifname "${outward.interface}" ct state established,related accept`,
      `iifname "${gate.interface}" ct direction reply ct state established accept`,
      ...[`ip daddr ${gate.address4}`, `ip6 daddr ${gate.address6}`].map(
        (to) => `iifname "${gate.interface}" ${to} meta l4proto { ${TCP}, ${UDP} } th dport 53 accept`,
      ),
      `iifname "${gate.interface}" ip daddr ${gate.address4} icmp type echo-request accept`,
      `iifname "${gate.interface}" ip6 daddr ${gate.address6} icmpv6 type echo-request accept`,
      `iifname "${gate.interface}" goto refuse`,
    ]),
    ...chain('output', 'type filter hook output priority filter; policy drop;', [
      `oifname { "lo", "${gate.interface}" } accept`,
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
      ...[`ip daddr ${pasta.address4}`, `ip6 daddr ${pasta.address6}`].map(
        (to) =>
          `oifname "${outward.interface}" meta mark ${RESOLVER_MARK} ${to} meta l4proto { ${TCP}, ${UDP} } th dport 53 accept`,
      ),
    ]),
    ...chain('translate', 'type nat hook postrouting priority srcnat; policy accept;', [
      `oifname "${outward.interface}" meta mark != ${RESOLVER_MARK} meta l4proto ${UDP} masquerade to :${UDP_PORTS}`,
      `oifname "${outward.interface}" masquerade`,
    ]),
  ]
}
