import { MAC_OF_NODE, type NodeName } from './topology.ts'

export type FrameKind =
  | 'arp'
  | 'dhcp'
  | 'dhcpv6'
  | 'router-solicitation'
  | 'router-advertisement'
  | 'neighbour-solicitation'
  | 'neighbour-advertisement'
  | 'mdns'
  | 'llmnr'
  | 'ip'
  | 'other'

/** A frame on the segment of the lab, as its witness sees it. The kernel takes the tag of a VLAN away before. */
export interface Frame {
  readonly from: string
  readonly to: string
  /** Whose address `from` is; absent where it is nobody's. */
  readonly node?: NodeName
  readonly kind: FrameKind
  /** The first bytes behind the two addresses, in hex. */
  readonly bytes: string
}

const ETHERNET = { arp: 0x0806, four: 0x0800, six: 0x86dd } as const
const [UDP, ICMP6] = [17, 58]
const UDP_KINDS: Readonly<Record<number, FrameKind>> = {
  67: 'dhcp',
  68: 'dhcp',
  546: 'dhcpv6',
  547: 'dhcpv6',
  5353: 'mdns',
  5355: 'llmnr',
}
const ICMP6_KINDS: Readonly<Record<number, FrameKind>> = {
  133: 'router-solicitation',
  134: 'router-advertisement',
  135: 'neighbour-solicitation',
  136: 'neighbour-advertisement',
}
const MOST_BYTES = 256

const macText = (bytes: Buffer): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')

export function describeFrame(frame: Buffer): Frame | undefined {
  if (frame.length < 14) return undefined
  const [to, from] = [macText(frame.subarray(0, 6)), macText(frame.subarray(6, 12))]
  const node = MAC_OF_NODE.get(from)
  const bytes = frame.subarray(12, 12 + MOST_BYTES).toString('hex')
  return { from, to, ...(node === undefined ? {} : { node }), kind: kindOf(frame), bytes }
}

function kindOf(frame: Buffer): FrameKind {
  const type = frame.readUInt16BE(12)
  if (type === ETHERNET.arp) return 'arp'
  const four = type === ETHERNET.four
  if (!four && type !== ETHERNET.six) return 'other'
  const protocol = frame[four ? 23 : 20]
  const at = 14 + (four ? ((frame[14] ?? 0) & 15) * 4 : 40)
  if (protocol === ICMP6) return ICMP6_KINDS[frame[at] ?? 0] ?? 'ip'
  if (protocol !== UDP || frame.length < at + 4) return 'ip'
  return UDP_KINDS[frame.readUInt16BE(at + 2)] ?? 'ip'
}

/** Packets that the nodes of the segment send each other are no news. */
export const isOrdinary = ({ node, kind }: Frame): boolean => node !== undefined && kind === 'ip'
