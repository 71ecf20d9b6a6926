import { isIP } from 'node:net'
import { LINK } from '../../../src/plan/link.ts'
import { parseAddress } from '../../../src/policy/address.ts'

/* Frames as nobody's kernel would make them. Pure. */

const half = (...numbers: number[]): Buffer =>
  Buffer.from(numbers.flatMap((number) => [(number >> 8) & 255, number & 255]))
const mac = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex')

export function addressBytes(text: string): Buffer {
  const digits = (parseAddress(text)?.address ?? 0n).toString(16)
  return Buffer.from(digits.padStart(isIP(text) === 4 ? 8 : 32, '0'), 'hex')
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

export const [ICMP, IPIP, TCP, UDP, IP6IN, ROUTING, FRAGMENT, GRE, ESP, ICMP6, OPTIONS, SCTP] = [
  1, 4, 6, 17, 41, 43, 44, 47, 50, 58, 60, 132,
]
const HOP_BY_HOP = 0

export interface Ends {
  readonly from: string
  readonly to: string
}

/** From the box's MAC address to its gate's; `tag`: of a VLAN. */
export function frame(packet: Buffer, tag?: number): Buffer {
  const type = (packet[0] ?? 0) >> 4 === 4 ? 0x0800 : 0x86dd
  const vlan = tag === undefined ? Buffer.alloc(0) : half(0x8100, tag)
  return Buffer.concat([mac(LINK.gate.mac), mac(LINK.box.mac), vlan, half(type), packet])
}

export interface Shape {
  readonly hops?: number
  /** IPv4: whether more fragments follow, and where this one lies. */
  readonly more?: boolean
  readonly offset?: number
  /** IPv4: options, a multiple of four bytes. */
  readonly options?: Buffer
}

/** An IP packet that carries `data` as this protocol. */
export function packet({ from, to }: Ends, protocol: number, data: Buffer, shape: Shape = {}): Buffer {
  const [source, target] = [addressBytes(from), addressBytes(to)]
  const { hops = 64, more = false, offset = 0, options = Buffer.alloc(0) } = shape
  if (source.length === 16)
    return Buffer.concat([
      ...[half(0x6000, 0, data.length), Buffer.from([protocol, hops]), source, target, data],
    ])
  const words = 5 + options.length / 4
  const head = Buffer.concat([
    Buffer.from([0x40 | words, 0]),
    half(4 * words + data.length, 0x6762, (more ? 0x2000 : 0) | (offset / 8)),
    ...[Buffer.from([hops, protocol, 0, 0]), source, target, options],
  ])
  head.writeUInt16BE(checksum(head), 10)
  return Buffer.concat([head, data])
}

/** What stands before the data in a checksum. */
const pseudo = ({ from, to }: Ends, protocol: number, length: number): Buffer =>
  Buffer.concat([addressBytes(from), addressBytes(to), half(0, length, 0, protocol)])

function summed(ends: Ends, protocol: number, bytes: Buffer, at: number): Buffer {
  bytes.writeUInt16BE(checksum(Buffer.concat([pseudo(ends, protocol, bytes.length), bytes])) || 0xffff, at)
  return bytes
}

export const datagram = (ends: Ends, port: number, text: string, fromPort = 4000): Buffer =>
  summed(ends, UDP, Buffer.concat([half(fromPort, port, 8 + text.length, 0), Buffer.from(text, 'latin1')]), 6)

export const segment = (ends: Ends, port: number, flags: number, text: string): Buffer =>
  summed(
    ends,
    TCP,
    Buffer.concat([half(4001, port, 0, 1, 0, 1, 0x5000 | flags, 512, 0, 0), Buffer.from(text)]),
    16,
  )

/** An ICMP message of the family of `ends`, with four bytes behind its checksum. */
export function control(ends: Ends, type: number, code: number, rest: Buffer, data: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.from([type, code, 0, 0]), rest, data])
  if (isIP(ends.from) === 6) return summed(ends, ICMP6, bytes, 2)
  bytes.writeUInt16BE(checksum(bytes), 2)
  return bytes
}

/** IPv6: an extension header before `data`, of eight bytes each. */
export const extension = (next: number, body: Buffer, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([next, (body.length + 2) / 8 - 1]), body, data])

export const padded = (next: number, data: Buffer): Buffer =>
  extension(next, Buffer.from([1, 4, 0, 0, 0, 0]), data)
export const hopByHop = (ends: Ends, next: number, data: Buffer): Buffer =>
  packet(ends, HOP_BY_HOP, padded(next, data))

/** IPv6, a part of `whole`, whose offset is a multiple of eight. */
export const part = (next: number, whole: Buffer, offset: number, end: number): Buffer =>
  Buffer.concat([
    Buffer.from([next, 0]),
    half(offset | (end < whole.length ? 1 : 0), 0, 0x6762),
    whole.subarray(offset, end),
  ])

/** A routing header (RFC 8200, 4.4) that leads on to `next`. */
export const routed = (kind: number, onward: string, next: number, data: Buffer): Buffer =>
  extension(next, Buffer.concat([Buffer.from([kind, 1, 0, 0, 0, 0]), addressBytes(onward)]), data)

/** A question for a name, in class IN. */
export function question(name: string, type: number): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  return Buffer.concat([half(0x6762, 0x0100, 1, 0, 0, 0), Buffer.from([...labels, 0]), half(type, 1)])
}
