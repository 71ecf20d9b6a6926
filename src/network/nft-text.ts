import { isIP } from 'node:net'
import { GloveboxError } from '../errors.ts'
import { formatPorts } from '../policy/network-rule.ts'
import type { RuleService } from '../policy/network-types.ts'

/* Parts of nft(8)'s language. Numbers stand for protocols: in the holder's root there is no /etc/protocols to look names up in. */

export const [ICMP, IGMP, TCP, UDP, ICMP6] = [1, 2, 6, 17, 58]

export type Family = 4 | 6

/** Which way a packet goes: what the box sends to a place, or what that place sends back. */
export interface Direction {
  /** The address, and the port, of the far end. */
  readonly far: (of: Family) => string
  readonly port: 'dport' | 'sport'
  readonly ping: readonly string[]
  /** What becomes of a packet that is not let through. */
  readonly refuse: string
}

export const OUT: Direction = {
  far: (of) => (of === 4 ? 'ip daddr' : 'ip6 daddr'),
  port: 'dport',
  ping: ['icmp type echo-request', 'icmpv6 type echo-request'],
  refuse: 'goto refuse',
}

export const BACK: Direction = {
  far: (of) => (of === 4 ? 'ip saddr' : 'ip6 saddr'),
  port: 'sport',
  ping: ['icmp type echo-reply', 'icmpv6 type echo-reply'],
  refuse: 'drop',
}

/** A match for each kind of packet of these services; without any, of all three transports. */
export function serviceMatches(
  services: readonly RuleService[],
  { port, ping }: Direction,
): readonly string[] {
  if (services.length === 0) return [`meta l4proto { ${TCP}, ${UDP} }`, ...ping]
  return services.flatMap(({ transport, ports }) => {
    if (transport === 'icmp') return ping
    const number = transport === 'tcp' ? TCP : UDP
    const list = ports.map(formatPorts).join(', ')
    return [`meta l4proto ${number}${list === '' ? '' : ` th ${port} { ${list} }`}`]
  })
}

const familyOf = (range: string): number => isIP(range.replace(/\/.*$/, ''))

/** A set of ranges of one family. */
export function rangeSet(name: string, of: Family, ranges: readonly string[]): string {
  const elements = ranges.map(checkRange).filter((range) => familyOf(range) === of)
  const list = elements.length > 0 ? `; elements = { ${elements.join(', ')} }` : ''
  return `  set ${name} { type ipv${of}_addr; flags interval; auto-merge${list}; }`
}

/** The same of both families, as `NAME4` and `NAME6`. */
export const rangeSets = (name: (of: Family) => string, ranges: readonly string[]): string[] =>
  ([4, 6] as const).map((of) => rangeSet(name(of), of, ranges))

/** An address that is open for as long as somebody was told of it. */
export interface TimedAddress {
  readonly address: string
  readonly seconds: number
}

/** Addresses of one set at the most: who is answered more of them gets no answer (decision 16). */
const MOST_ADDRESSES = 65_535

/** A set that the resolver fills. */
export function timedSet(name: string, of: Family, addresses: readonly TimedAddress[]): string {
  const own = addresses.filter(({ address }) => familyOf(checkRange(address)) === of)
  const elements = own.map(({ address, seconds }) => `${address} timeout ${Math.ceil(seconds)}s`)
  const list = elements.length > 0 ? `; elements = { ${elements.join(', ')} }` : ''
  return `  set ${name} { type ipv${of}_addr; flags timeout; size ${MOST_ADDRESSES}${list}; }`
}

export function chain(name: string, hook: string | undefined, rules: readonly string[]): string[] {
  const head = hook === undefined ? [] : [`    ${hook}`]
  return [`  chain ${name} {`, ...head, ...rules.map((rule) => `    ${rule}`), '  }']
}

function checkRange(range: string): string {
  const [, address = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(range) ?? []
  const of = isIP(address)
  if (of !== 0 && Number(bits ?? 0) <= (of === 4 ? 32 : 128)) return range
  throw rulesInvalid(`${JSON.stringify(range)} is no address or range ADDRESS/BITS`)
}

export function rulesInvalid(why: string): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_FACTS_INVALID',
    audience: 'usage',
    message: `Cannot make the rules of the box's network: ${why}.`,
    remedy: 'Choose --network none.',
  })
}
