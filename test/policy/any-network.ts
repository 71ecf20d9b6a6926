import { formatAddress, formatRange, parseRange } from '../../src/policy/address.ts'
import { type AskedNetwork, networkConflict } from '../../src/policy/network.ts'
import { parseRule } from '../../src/policy/network-rule.ts'
import {
  CLOSED,
  FROM_MACHINE,
  type NetworkRule,
  type NetworkTarget,
  type OpenNetwork,
  type RuleService,
} from '../../src/policy/network-types.ts'
import { specialRange } from '../../src/policy/special-ranges.ts'
import { subset, wholeNumber } from './random.ts'

type Random = () => number

export const pick = <T>(random: Random, all: readonly [T, ...T[]]): T =>
  all[Math.floor(random() * all.length)] ?? all[0]
const few = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, make)
const unique = <T>(all: readonly T[], key: (one: T) => string): T[] => [
  ...new Map(all.map((one) => [key(one), one])).values(),
]

export function anyAddress(random: Random, family: 4 | 6): bigint {
  const bytes = Array.from({ length: family === 4 ? 4 : 16 }, () =>
    // Zeros in a row are what texts of IPv6 are about.
    random() < 0.5 ? 0n : BigInt(Math.floor(random() * 256)),
  )
  return bytes.reduce((sum, byte) => (sum << 8n) | byte, 0n)
}

export function anyRange(random: Random): string {
  const family = pick<4 | 6>(random, [4, 6])
  const width = family === 4 ? 32 : 128
  const bits = random() < 0.5 ? width : wholeNumber(random, 1, width)
  const { address } = parseRange(`${formatAddress(family, anyAddress(random, family))}/${bits}`) ?? {
    address: 0n,
  }
  return formatRange({ family, address, bits })
}

/** A range of the internet. */
export function anyGlobalRange(random: Random): string {
  for (;;) {
    const range = anyRange(random)
    const parsed = parseRange(range)
    if (parsed !== undefined && specialRange(parsed) === undefined) return range
  }
}

export function anyName(random: Random): string {
  const label = (): string => `n${few(random, 12, () => pick(random, ['a', 'z', '0', '-', '_'])).join('')}z`
  const name = [label(), ...few(random, 3, label), 'example'].join('.')
  return random() < 0.3 ? `*.${name}` : name
}

const anyTarget = (random: Random, range: (random: Random) => string): NetworkTarget =>
  random() < 0.5 ? { kind: 'name', name: anyName(random) } : { kind: 'range', range: range(random) }

function anyServices(random: Random): readonly RuleService[] {
  const ports = few(random, 5, () => wholeNumber(random, 1000, 65_535))
  const words = few(random, 3, () =>
    pick(random, [
      'tcp',
      'udp',
      'icmp',
      ...ports.map((port) => `tcp:${port}`),
      ...ports.map((port) => `udp:${port}-${Math.min(65_535, port + ports.length)}`),
    ]),
  )
  // By the parser, which joins what overlaps: only what it returns is a rule.
  return parseRule(['example.org', ...words].join(' ')).services
}

export function anyRule(random: Random, range: (random: Random) => string = anyGlobalRange): NetworkRule {
  const bytes = random() < 0.2 ? { bytesPerSecond: wholeNumber(random, 1024, 2 ** 33) } : {}
  return { target: anyTarget(random, range), services: anyServices(random), ...bytes }
}

export function anyDeny(random: Random): NetworkRule {
  const target = anyTarget(random, anyRange)
  return { target, services: target.kind === 'name' ? [] : anyServices(random) }
}

const anyPort = (random: Random): number => wholeNumber(random, 1, 65_535)
const anyTransport = (random: Random): 'tcp' | 'udp' => pick<'tcp' | 'udp'>(random, ['tcp', 'udp'])

export function anyOpen(random: Random): OpenNetwork {
  const internet = random() < 0.4
  const lan = few(random, 3, () => anyTarget(random, anyRange))
  const [lanToo, joins, sent, flows] = [random(), random(), random(), random()]
  const host = few(random, 3, () => ({ transport: anyTransport(random), port: anyPort(random) }))
  const publish = few(random, 3, () => ({
    ...{ transport: anyTransport(random), port: anyPort(random), boxPort: anyPort(random) },
    from: pick(random, [FROM_MACHINE, '192.0.2.7', '2001:db8::7']),
  }))
  const network: OpenNetwork = {
    ...CLOSED,
    internet,
    lan: lanToo < 0.3 ? 'segment' : lan.length > 0 && lanToo < 0.7 ? lan : false,
    allow: internet ? [] : few(random, 6, () => anyRule(random)),
    deny: few(random, 4, () => anyDeny(random)),
    host: unique(host, ({ transport, port }) => `${transport} ${port}`).filter(({ port }) => port !== 53),
    publish: unique(publish, ({ transport, port }) => `${transport} ${port}`),
    ...(joins < 0.2 ? { join: pick(random, ['team', 'a', 'x-1']) } : {}),
    rates: {
      ...(sent < 0.3 ? { bytesPerSecond: wholeNumber(random, 1024, 2 ** 33) } : {}),
      ...(flows < 0.3 ? { newFlowsPerSecond: wholeNumber(random, 1, 1_000_000) } : {}),
    },
  }
  if (networkConflict(network) !== undefined) throw new Error(networkConflict(network))
  return network
}

/** Any network that can be written. */
export function anyNetwork(random: Random): AskedNetwork {
  const words: AskedNetwork[] = ['none', 'image']
  const [word] = subset(random, words)
  return word !== undefined && random() < 0.3 ? word : anyOpen(random)
}
