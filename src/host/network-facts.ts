import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { NetworkFacts } from './types.ts'

const UP = 0x1
const BY_GATEWAY = 0x2
/** linux/ipv6_route.h, RTF_REJECT; and linux/route.h's own. */
const REJECTED = 0x200

interface Route {
  readonly device: string
  readonly range: string
  readonly isDefault: boolean
  readonly direct: boolean
}

/** Reads /proc and the interfaces: no process is started, nothing is sent. */
export function readNetworkFacts(): NetworkFacts {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    // Others may reach what a loopback has beside its own.
    .filter(({ address }) => address !== '::1' && !address.startsWith('127.'))
  const four = routes4(readOptional('/proc/net/route'))
  const six = routes6(readOptional('/proc/net/ipv6_route'))
  const routes = [...four, ...six]
  const outward = new Set(routes.filter(({ isDefault }) => isDefault).map(({ device }) => device))
  const ranges = routes.filter(({ direct, isDefault }) => direct && !isDefault)
  return {
    families: [
      ...(four.some(({ isDefault }) => isDefault) ? ([4] as const) : []),
      ...(six.some(({ isDefault }) => isDefault) ? ([6] as const) : []),
    ],
    hostAddresses: [...new Set(addresses.map(({ address }) => withoutZone(address)))],
    lanRanges: [...new Set(ranges.map(({ range }) => range))],
    segments: [...new Set(ranges.filter(({ device }) => outward.has(device)).map(({ range }) => range))],
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A kernel without that family has no routes of it.
    return ''
  }
}

const withoutZone = (address: string): string => address.replace(/%.*$/, '')

/** proc(5), /proc/net/route: numbers in the machine's own byte order, in hex. */
export function routes4(text: string): Route[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): Route[] => {
      const [device = '', to, , flags, , , , mask] = line.split('\t')
      if (to === undefined || flags === undefined || mask === undefined) return []
      const set = Number.parseInt(flags, 16)
      if ((set & UP) === 0 || (set & REJECTED) !== 0) return []
      const bits = bytesOf(mask).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      return [
        {
          device,
          range: `${bytesOf(to).join('.')}/${bits}`,
          isDefault: bits === 0,
          direct: (set & BY_GATEWAY) === 0,
        },
      ]
    })
}

/** Little-endian, as all that Glovebox runs on. */
const bytesOf = (hex: string): number[] =>
  [3, 2, 1, 0].map((at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))

/** proc(5), /proc/net/ipv6_route. Of single addresses and of what every machine has nothing is told. */
export function routes6(text: string): Route[] {
  return text.split('\n').flatMap((line): Route[] => {
    const [to, bitsHex, , , , , , , flags, device = ''] = line.trim().split(/\s+/)
    if (to === undefined || bitsHex === undefined || flags === undefined || device === 'lo') return []
    const set = Number.parseInt(flags, 16)
    const bits = Number.parseInt(bitsHex, 16)
    if ((set & UP) === 0 || (set & REJECTED) !== 0 || bits === 128 || /^f[ef]/.test(to)) return []
    const range = `${to.match(/.{4}/g)?.join(':')}/${bits}`
    return [{ device, range, isDefault: bits === 0, direct: (set & BY_GATEWAY) === 0 }]
  })
}
