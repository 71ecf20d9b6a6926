import { formatRange, holds, parseRange, type Range } from './address.ts'

/** What is nobody's on the internet: IANA's special-purpose registries for IPv4 (RFC 6890), and multicast. */
export const SPECIAL4 = {
  '0.0.0.0/8': 'this network',
  '10.0.0.0/8': 'private',
  '100.64.0.0/10': "a provider's own (CGNAT)",
  '127.0.0.0/8': "a machine's own loopback",
  '169.254.0.0/16': "a link's own, which a cloud's metadata lie in",
  '172.16.0.0/12': 'private',
  '192.0.0.0/24': "a protocol's",
  '192.0.2.0/24': 'for documentation',
  '192.88.99.0/24': 'of a relay that is no more',
  '192.168.0.0/16': 'private',
  '198.18.0.0/15': 'for benchmarks',
  '198.51.100.0/24': 'for documentation',
  '203.0.113.0/24': 'for documentation',
  '224.0.0.0/3': 'multicast, broadcast, or reserved',
} as const

/** Inside 2000::/3: Teredo and 6to4, which wrap IPv4 addresses, and documentation. All outside of it is special as well. */
export const SPECIAL6 = {
  '2001::/23': "a protocol's",
  '2001:db8::/32': 'for documentation',
  '2002::/16': 'a wrapped IPv4 address (6to4)',
  '3fff::/20': 'for documentation',
} as const

/** All of IPv6 that is given out. */
export const GLOBAL6 = '2000::/3'

const known = (texts: Readonly<Record<string, string>>): (readonly [Range, string])[] =>
  Object.entries(texts).flatMap(([text, what]) => {
    const range = parseRange(text)
    return range === undefined ? [] : [[range, what] as const]
  })

const SPECIAL = known({ ...SPECIAL4, ...SPECIAL6 })
const [[GLOBAL] = []] = known({ [GLOBAL6]: 'global' })

/** What a range that is no part of the internet is, in words such as `private (10.0.0.0/8)`; undefined for a global one. */
export function specialRange(range: Range): string | undefined {
  const found = SPECIAL.find(([special]) => holds(special, range))
  if (found !== undefined) return `${found[1]} (${formatRange(found[0])})`
  if (range.family === 4 || GLOBAL === undefined || holds(GLOBAL, range) || holds(range, GLOBAL))
    return undefined
  return `not of the internet (which is ${GLOBAL6})`
}
