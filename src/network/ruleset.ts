import { isIP } from 'node:net'
import { GloveboxError } from '../errors.ts'
import type { NetworkFacts } from '../host/types.ts'
import { LINK, REFUSED_GROUP } from '../plan/link.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import { EXTRA_TYPES, RESOLVER_MARK, RESOLVER_TABLE, type ResolverPolicy } from './resolver.ts'

/** By number: in the holder's root there is no /etc/protocols to look names up in. */
const [ICMP, TCP, UDP, ICMP6] = [1, 6, 17, 58]

/** What is nobody's on the internet: IANA's special-purpose registries for IPv4 (RFC 6890), and multicast. */
export const REFUSED4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
] as const

/** Inside 2000::/3: Teredo and 6to4, which wrap IPv4 addresses, and documentation. All outside is refused by the rule itself. */
export const REFUSED6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const

/**
 * The most that pasta may let a box have under way in one connection, in units of its window scale (256 bytes, so half a MiB). It offers
 * what the far host offers, which may be more than its own socket takes; it drops the rest, cannot say which parts it has (no SACK),
 * and the upload crawls or stops: 4 to 190 MiB/s without this, 500 to 1500 with it (docs/performance.md).
 */
const WINDOW = 2048

/**
 * The rules of a box's gate, as `nft -f` reads them: whatever was there before is replaced in the same moment. Pure.
 *
 * What leaves is judged by its destination for each packet, so rules act on what is connected already; only what comes back is
 * let in because it was asked for.
 *
 * @throws GloveboxError NETWORK_FACTS_INVALID: an address or range that is none, or no address of the host is known
 */
export function gateRules(policy: OpenNetwork, facts: NetworkFacts): string {
  // Without the host's addresses a global one of them would be open: closed rather than guessed.
  if (facts.hostAddresses.length === 0) throw invalid('no address of this machine is known')
  const own = [...facts.hostAddresses, ...facts.lanRanges].map(checkRange)
  const { box, gate, outward, pasta } = LINK
  const table = `inet ${RESOLVER_TABLE}`
  return `${[
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '  counter unlogged { }',
    set('refused4', 4, [...REFUSED4, ...own]),
    set('refused6', 6, [...REFUSED6, ...own]),
    ...chain('forward', 'type filter hook forward priority filter; policy drop;', [
      `iifname "${gate.interface}" oifname "${outward.interface}" jump leave`,
      `iifname "${outward.interface}" oifname "${gate.interface}" ct state established,related accept`,
      `iifname "${gate.interface}" goto refuse`,
    ]),
    ...chain('window', 'type filter hook forward priority mangle; policy accept;', [
      `iifname "${outward.interface}" tcp flags & syn == 0 tcp window > ${WINDOW} tcp window set ${WINDOW}`,
    ]),
    ...chain('leave', undefined, [
      `ip saddr != ${box.address4} drop`,
      `ip6 saddr != ${box.address6} drop`,
      'ct state invalid drop',
      'ip daddr @refused4 goto refuse',
      'ip6 daddr @refused6 goto refuse',
      'ip6 daddr != 2000::/3 goto refuse',
      // Names come from the box's resolver only: plain DNS and DNS over TLS to elsewhere would go round it.
      `meta l4proto { ${TCP}, ${UDP} } th dport { 53, 853 } goto refuse`,
      ...(policy.internet
        ? [
            `meta l4proto { ${TCP}, ${UDP} } accept`,
            'icmp type echo-request accept',
            'icmpv6 type echo-request accept',
          ]
        : []),
      'goto refuse',
    ]),
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
    ...chain('input', 'type filter hook input priority filter; policy drop;', [
      'iifname "lo" accept',
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
      'ct state established,related accept',
      ...[`ip daddr ${gate.address4}`, `ip6 daddr ${gate.address6}`].flatMap((to) => [
        `iifname "${gate.interface}" ${to} meta l4proto { ${TCP}, ${UDP} } th dport 53 accept`,
        `iifname "${gate.interface}" ${to} meta l4proto { ${ICMP}, ${ICMP6} } accept`,
      ]),
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
      `oifname "${outward.interface}" masquerade`,
    ]),
    '}',
  ].join('\n')}\n`
}

/** What the box's resolver is told, to fit the rules. Pure. */
export function resolverPolicyOf(policy: OpenNetwork, facts: NetworkFacts): ResolverPolicy {
  return {
    any: policy.internet,
    allow: [],
    deny: [],
    types: policy.internet ? [...EXTRA_TYPES] : [],
    refuse: [...facts.hostAddresses, ...facts.lanRanges],
    grant: [],
  }
}

const family = (range: string): number => isIP(range.replace(/\/.*$/, ''))

function set(name: string, of: 4 | 6, ranges: readonly string[]): string {
  const elements = ranges.filter((range) => family(range) === of)
  const list = elements.length > 0 ? `; elements = { ${elements.join(', ')} }` : ''
  return `  set ${name} { type ipv${of}_addr; flags interval; auto-merge${list}; }`
}

function chain(name: string, hook: string | undefined, rules: readonly string[]): string[] {
  const head = hook === undefined ? [] : [`    ${hook}`]
  return [`  chain ${name} {`, ...head, ...rules.map((rule) => `    ${rule}`), '  }']
}

function checkRange(range: string): string {
  const [, address = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(range) ?? []
  const of = isIP(address)
  if (of !== 0 && Number(bits ?? 0) <= (of === 4 ? 32 : 128)) return range
  throw invalid(`${JSON.stringify(range)} is no address or range ADDRESS/BITS`)
}

function invalid(why: string): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_FACTS_INVALID',
    audience: 'usage',
    message: `Cannot make the rules of the box's network: ${why}.`,
    remedy: 'Choose --network none.',
  })
}
