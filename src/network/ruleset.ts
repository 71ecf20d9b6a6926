import { isIP } from 'node:net'
import { GloveboxError } from '../errors.ts'
import { RESOLVER_MARK, RESOLVER_TABLE } from './resolver.ts'

/** What the rules of network "internet" must know of this machine (docs/decisions/015-network.md). */
export interface NetworkFacts {
  /** Every address of the host, of both families. */
  readonly hostAddresses: readonly string[]
  /** Ranges ADDRESS/BITS of the networks that the host is in, the LAN's global prefix among them. */
  readonly lanRanges: readonly string[]
  /** pasta's --dns-forward addresses, which only the resolver may ask. */
  readonly upstream: readonly string[]
}

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

/** The rule set of network "internet", as `nft -f` reads it. Pure.
 *
 * @throws GloveboxError NETWORK_FACTS_INVALID: an address or range that is none, or no address of the host is known
 */
export function internetRules(facts: NetworkFacts): string {
  // Without the host's addresses a global one of them would be open: closed rather than guessed.
  if (facts.hostAddresses.length === 0) throw invalid('no address of this machine is known')
  const own = [...facts.hostAddresses, ...facts.lanRanges].map(checkRange)
  const upstream = facts.upstream.map(checkRange)
  return `${[
    `table inet ${RESOLVER_TABLE} {`,
    set('refused4', 4, [...REFUSED4, ...own]),
    set('refused6', 6, [...REFUSED6, ...own]),
    set('upstream4', 4, upstream),
    set('upstream6', 6, upstream),
    ...chain('input', [
      'iifname "lo" accept',
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } ip6 hoplimit 255 accept',
      'ct state established,related accept',
    ]),
    ...chain('output', [
      'oifname "lo" accept',
      // pasta answers these itself: they go no further than the namespace's own link.
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } ip6 hoplimit 255 accept',
      ...['ip daddr @upstream4', 'ip6 daddr @upstream6'].map(
        (to) => `meta mark ${RESOLVER_MARK} ${to} meta l4proto { tcp, udp } th dport 53 accept`,
      ),
      'ip daddr @upstream4 drop',
      'ip6 daddr @upstream6 drop',
      'ip daddr @refused4 drop',
      'ip6 daddr @refused6 drop',
      'ip6 daddr != 2000::/3 drop',
      // Names come from the box's resolver only: plain DNS and DNS over TLS to elsewhere would go round it.
      'meta l4proto { tcp, udp } th dport { 53, 853 } drop',
      'meta l4proto { tcp, udp } accept',
      'icmp type echo-request accept',
      'icmpv6 type echo-request accept',
    ]),
    ...chain('forward', []),
    '}',
  ].join('\n')}\n`
}

const family = (range: string): number => isIP(range.replace(/\/.*$/, ''))

function set(name: string, of: 4 | 6, ranges: readonly string[]): string {
  const elements = ranges.filter((range) => family(range) === of)
  const list = elements.length > 0 ? `; elements = { ${elements.join(', ')} }` : ''
  return `  set ${name} { type ipv${of}_addr; flags interval; auto-merge${list}; }`
}

function chain(name: string, rules: readonly string[]): string[] {
  const head = `    type filter hook ${name} priority filter; policy drop;`
  return [`  chain ${name} {`, head, ...rules.map((rule) => `    ${rule}`), '  }']
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
