import { formatRange, parseRange } from './address.ts'
import {
  type NetworkRule,
  type NetworkTarget,
  type PortRange,
  type RuleService,
  TRANSPORTS,
} from './network-types.ts'
import { quote } from './quote.ts'
import { specialRange } from './special-ranges.ts'
import { formatSize, parseSize } from './units.ts'

/** What is wrong with a rule, and where in its text: a count of characters from 0. */
export class RuleProblem extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

/** How rules are written, for errors. */
export const RULE_EXAMPLE = 'example.org tcp:443 udp:443'

const MAX_PORTS = 64

interface Word {
  readonly text: string
  readonly at: number
}

/**
 * A rule of a list, in words: `TARGET [SERVICE…] [RATE/s]`. A target is a name, `*.NAME` for all names below it, an address or a range
 * ADDRESS/BITS; a service is `tcp`, `udp`, `icmp`, `tcp:443`, `udp:5000-5100,6000`, or ports alone for both of TCP and UDP;
 * without one all three are meant. Pure.
 *
 * @throws RuleProblem also for a rule that is wider than it looks
 */
export function parseRule(text: string): NetworkRule {
  const [first, ...rest] = wordsOf(text)
  if (first === undefined)
    throw new RuleProblem(0, `a rule begins with a name or an address, as in: ${RULE_EXAMPLE}`)
  const target = parseTarget(first.text, first.at)
  const rate = rest.at(-1)
  const bytesPerSecond = rate?.text.endsWith('/s') ? parseRate(rate) : undefined
  const services = mergeServices(
    (bytesPerSecond === undefined ? rest : rest.slice(0, -1)).flatMap(parseService),
  )
  return { target, services, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) }
}

const wordsOf = (text: string): Word[] =>
  [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ text: word, at: index }))

const LABELS = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/

/** @throws RuleProblem */
export function parseTarget(text: string, at = 0): NetworkTarget {
  const range = parseRange(text)
  if (range !== undefined) {
    if (!range.exact)
      throw new RuleProblem(
        at,
        `${quote(text)} means all of ${formatRange(range)}: write that, or the address without ${text.replace(/^[^/]*/, '')}`,
      )
    if (range.bits === 0)
      throw new RuleProblem(at, `${quote(text)} means every address: say internet instead`)
    return { kind: 'range', range: formatRange(range) }
  }
  // No top-level domain is a number (RFC 3696, 2): what ends in one is meant as an address, as browsers take it.
  const numeric = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i.test(text)
  const addressLike = numeric || (/^[\da-f:.]+$/i.test(text) && text.includes(':'))
  if (addressLike || (text.includes('/') && !text.includes('://')))
    throw new RuleProblem(at, `${quote(text)} is no address and no range ADDRESS/BITS`)
  return { kind: 'name', name: parseName(text, at) }
}

function parseName(text: string, at: number): string {
  const name = text.replace(/\.$/, '').toLowerCase()
  const below = name.startsWith('*.')
  const bare = below ? name.slice(2) : name
  if (name === '*' || name === '*.')
    throw new RuleProblem(at, `${quote(text)} means every name: say internet instead`)
  if (bare.includes('*'))
    throw new RuleProblem(
      at + text.indexOf('*', below ? 1 : 0),
      `${quote(text)}: a star stands only in front, as in *.example.org`,
    )
  if (bare.length > 253 || !LABELS.test(bare))
    throw new RuleProblem(
      at,
      `${quote(text)} is no name: letters, digits, - and _ between dots, without a protocol or port`,
    )
  if (below && !bare.includes('.'))
    throw new RuleProblem(
      at,
      `${quote(text)} means every name of a top-level domain, which is anybody's: name a domain below it`,
    )
  return name
}

/** Bytes a second: below it hardly a packet passes; above it nanoseconds times rate and burst leave 64 bits (nft_limit.c). */
export const [LEAST_RATE, MOST_RATE] = [2 ** 10, 2 ** 33]

function parseRate({ text, at }: Word): number {
  try {
    const bytes = parseSize(text.slice(0, -2), { name: 'a rate', example: '1M/s' })
    if (bytes >= LEAST_RATE && bytes <= MOST_RATE) return bytes
  } catch {
    // The message below says how a rate is written.
  }
  throw new RuleProblem(at, `${quote(text)} is no rate: bytes a second from 1K/s to 8G/s, as in 256K/s`)
}

function parseService({ text, at }: Word): RuleService[] {
  const [head = '', ports, ...more] = text.split(':')
  const transport = TRANSPORTS.find((one) => one === head)
  const wrong = `${quote(text)} is no service: tcp, udp, icmp, tcp:443, udp:5000-5100, or ports alone`
  if (transport === undefined) {
    if (ports !== undefined || !/^[\d,-]+$/.test(head)) throw new RuleProblem(at, wrong)
    const both = parsePorts(head, at)
    return [
      { transport: 'tcp', ports: both },
      { transport: 'udp', ports: both },
    ]
  }
  if (more.length > 0 || (transport === 'icmp' && ports !== undefined)) throw new RuleProblem(at, wrong)
  return [{ transport, ports: ports === undefined ? [] : parsePorts(ports, at + head.length + 1) }]
}

function parsePorts(text: string, start: number): PortRange[] {
  const ranges: PortRange[] = []
  let at = start
  for (const part of text.split(',')) {
    const [, low, high] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? []
    const [first, last] = [Number(low), Number(high ?? low)]
    if (low === undefined || first < 1 || last > 65_535)
      throw new RuleProblem(at, `${quote(part)} is no port from 1 to 65535 and no range of them`)
    if (first > last) throw new RuleProblem(at, `${quote(part)}: the range ends before it begins`)
    ranges.push({ first, last })
    at += part.length + 1
  }
  return ranges
}

/** One entry a transport, its ports in order and joined; all of them where one says so. */
function mergeServices(services: readonly RuleService[]): RuleService[] {
  return TRANSPORTS.flatMap((transport): RuleService[] => {
    const own = services.filter((service) => service.transport === transport)
    if (own.length === 0) return []
    if (own.some(({ ports }) => ports.length === 0)) return [{ transport, ports: [] }]
    const ports = joinRanges(own.flatMap((service) => service.ports))
    if (ports.length > MAX_PORTS) throw new RuleProblem(0, `a rule has at most ${MAX_PORTS} ranges of ports`)
    return [{ transport, ports }]
  })
}

function joinRanges(ranges: readonly PortRange[]): PortRange[] {
  const joined: PortRange[] = []
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = joined.at(-1)
    if (last !== undefined && range.first <= last.last + 1)
      joined[joined.length - 1] = { first: last.first, last: Math.max(last.last, range.last) }
    else joined.push(range)
  }
  return joined
}

/** The text that {@link parseRule} reads as this rule. */
export function formatRule({ target, services, bytesPerSecond }: NetworkRule): string {
  const rate = bytesPerSecond === undefined ? [] : [`${formatSize(bytesPerSecond)}/s`]
  return [formatTarget(target), ...services.map(formatService), ...rate].join(' ')
}

export const formatTarget = (target: NetworkTarget): string =>
  target.kind === 'name' ? target.name : target.range

const formatService = ({ transport, ports }: RuleService): string =>
  ports.length === 0 ? transport : `${transport}:${ports.map(formatPorts).join(',')}`

export const formatPorts = ({ first, last }: PortRange): string =>
  first === last ? String(first) : `${first}-${last}`

/** DNS, plain and over TLS or QUIC: the firewall closes them to every address (src/network/judge.ts). */
const isForNames = ({ first, last }: PortRange): boolean => first === last && (first === 53 || first === 853)

export type ListName = 'allow' | 'deny' | 'lan'

/**
 * A rule of the list `list`, which not every rule may stand in: what would do nothing, or other than it looks like, is refused.
 *
 * @throws RuleProblem
 */
export function parseListed(text: string, list: ListName): NetworkRule {
  const rule = parseRule(text)
  const { target, services, bytesPerSecond } = rule
  const start = Math.max(0, text.search(/\S/))
  const refuse = (why: string): never => {
    throw new RuleProblem(start, `${quote(text.trim())}: ${why}`)
  }
  if (list === 'lan' && (services.length > 0 || bytesPerSecond !== undefined))
    refuse('a host of the LAN is opened whole, so it stands without services and rates')
  if (list === 'deny' && bytesPerSecond !== undefined) refuse('what is denied has no rate')
  if (list === 'deny' && target.kind === 'name' && services.length > 0)
    refuse('a name is denied whole: its services would be open by its addresses all the same')
  if (list === 'allow' && services.some(({ ports }) => ports.some(isForNames)))
    refuse("ports 53 and 853 are never opened: names come from the box's own resolver")
  if (list === 'allow' && target.kind === 'range') {
    const special = specialOf(target.range)
    if (special !== undefined)
      refuse(`this is ${special}, which allow never opens; hosts of your network are opened by lan`)
  }
  return rule
}

function specialOf(range: string): string | undefined {
  const parsed = parseRange(range)
  return parsed === undefined ? undefined : specialRange(parsed)
}
