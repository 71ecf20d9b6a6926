/** IP addresses and ranges as numbers, for policies. Strict: what inet_pton(3) refuses is refused here. Pure; nothing is looked up. */

export type Family = 4 | 6

/** All addresses that begin with the first `bits` of `address`; the others of its bits are zero. */
export interface Range {
  readonly family: Family
  readonly address: bigint
  readonly bits: number
}

const WIDTH = { 4: 32, 6: 128 } as const
/** The longest text of an address (INET6_ADDRSTRLEN less its end). */
const LONGEST = 45

/** `192.0.2.1`, without leading zeros, or an IPv6 address (RFC 4291, 2.2); undefined for what is neither. */
export function parseAddress(text: string): { family: Family; address: bigint } | undefined {
  if (text.length > LONGEST) return undefined
  const four = parse4(text)
  if (four !== undefined) return { family: 4, address: four }
  const six = parse6(text)
  return six === undefined ? undefined : { family: 6, address: six }
}

function parse4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function parse6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const last = dotted === null ? undefined : parse4(dotted[2] ?? '')
  if (dotted !== null && last === undefined) return undefined
  const plain =
    last === undefined ? text : `${dotted?.[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`
  const halves = plain.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const groups = [...head, ...(tail ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  const zeros = 8 - groups.length
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined
  const all = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])]
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

/** The text of an address: of IPv6 the shortest (RFC 5952). */
export function formatAddress(family: Family, address: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((by) => String((address >> by) & 255n)).join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((address >> BigInt(16 * (7 - at))) & 0xffffn).toString(16),
  )
  const runs = [...` ${groups.join(' ')} `.matchAll(/(?: 0)+(?= )/g)]
  const longest = runs.reduce((best, { 0: run }) => (run.length > best.length ? run : best), ' 0')
  if (longest === ' 0') return groups.join(':')
  const [before = '', ...after] = ` ${groups.join(' ')}`.split(longest)
  const colons = (part: string): string => part.trim().replaceAll(' ', ':')
  return `${colons(before)}::${colons(after.join(longest))}`
}

/** Of a text `ADDRESS` or `ADDRESS/BITS`: the range, and whether bits behind the prefix are set; undefined for what is none. */
export function parseRange(text: string): (Range & { readonly exact: boolean }) | undefined {
  const [, host = '', suffix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const parsed = parseAddress(host)
  if (parsed === undefined) return undefined
  const width = WIDTH[parsed.family]
  const bits = suffix === undefined ? width : Number(suffix)
  if (bits > width) return undefined
  const address = (parsed.address >> BigInt(width - bits)) << BigInt(width - bits)
  return { family: parsed.family, address, bits, exact: address === parsed.address }
}

/** `ADDRESS/BITS`, or the address alone where it is one. */
export function formatRange({ family, address, bits }: Range): string {
  const text = formatAddress(family, address)
  return bits === WIDTH[family] ? text : `${text}/${bits}`
}

/** Whether all of `inner` lies in `outer`. */
export function holds(outer: Range, inner: Range): boolean {
  if (outer.family !== inner.family || inner.bits < outer.bits) return false
  const rest = BigInt(WIDTH[outer.family] - outer.bits)
  return inner.address >> rest === outer.address >> rest
}
