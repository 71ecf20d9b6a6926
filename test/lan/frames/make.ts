import { createHash } from 'node:crypto'
import { addressesOf, onSegment, SITES } from '../../../src/lab/topology.ts'

/* Frames that an application on a LAN should not be able to send, as bytes. Each has a source address of its own that holds a mark. */

export interface Forged {
  readonly what: string
  readonly bytes: Buffer
}

/** Where the frames are sent from: the address of what routes there. */
export interface Place {
  readonly routerMac: string
  /** Three bytes in hex that no other run has. */
  readonly mark: string
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const [router4, routerLocal] = onSegment(1)
const [nas4 = '', nasLocal = '', nasGlobal = ''] = addressesOf('nas')

export const sourceMac = ({ mark }: Place, at: number): string =>
  `02:${mark.match(/../g)?.join(':')}:00:${at.toString(16).padStart(2, '0')}`

const mac = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255])
const four = (address: string): Buffer => Buffer.from(address.split('.').map(Number))

function six(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): Buffer[] =>
    text === '' ? [] : text.split(':').map((group) => u16(Number.parseInt(group, 16)))
  const [first, last] = [Buffer.concat(groups(head)), Buffer.concat(groups(tail))]
  return Buffer.concat([first, Buffer.alloc(16 - first.length - last.length), last])
}

/** RFC 1071. */
function checksum(bytes: Buffer): Buffer {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return u16(~sum)
}

const ethernet = (to: string, from: string, type: number, data: Buffer): Buffer =>
  Buffer.concat([mac(to), mac(from), u16(type), data, Buffer.alloc(Math.max(0, 46 - data.length))])

function ip4(from: string, to: string, protocol: number, data: Buffer): Buffer {
  const before = Buffer.concat([
    hex('4500'),
    u16(20 + data.length),
    hex('0001 4000 ff'),
    Buffer.from([protocol]),
  ])
  const addresses = Buffer.concat([four(from), four(to)])
  return Buffer.concat([before, checksum(Buffer.concat([before, addresses])), addresses, data])
}

const udp4 = (from: number, to: number, data: Buffer): Buffer =>
  Buffer.concat([u16(from), u16(to), u16(8 + data.length), u16(0), data])

/** With the checksum of upper layers (RFC 8200, 8.1) at `sumAt` of the data. */
function ip6(from: string, to: string, next: number, data: Buffer, sumAt: number): Buffer {
  const addresses = Buffer.concat([six(from), six(to)])
  const pseudo = Buffer.concat([addresses, u16(0), u16(data.length), u16(0), u16(next), data])
  const summed = Buffer.from(data)
  checksum(pseudo).copy(summed, sumAt)
  return Buffer.concat([hex('60000000'), u16(data.length), Buffer.from([next, 255]), addresses, summed])
}

const udp6 = (from: string, to: string, ports: readonly [number, number], data: Buffer): Buffer =>
  ip6(from, to, 17, udp4(...ports, data), 6)
const icmp6 = (from: string, to: string, type: number, data: Buffer): Buffer =>
  ip6(from, to, 58, Buffer.concat([Buffer.from([type, 0, 0, 0]), data]), 2)

const arp = (operation: number, owner: string, from: string, about: string): Buffer =>
  Buffer.concat([hex('0001 0800 06 04'), u16(operation), mac(from), four(owner), mac(from), four(about)])

/** Enough of BOOTP (RFC 2131) for a server or client to read it. */
const dhcp = (operation: number, from: string, kind: number): Buffer =>
  Buffer.concat([
    ...[Buffer.from([operation, 1, 6, 0]), hex('12345678 0000 8000'), Buffer.alloc(16), mac(from)],
    ...[Buffer.alloc(202), hex('63825363 3501'), Buffer.from([kind, 255])],
  ])

const LINK_LOCAL = 'fe80::bad'
const question = hex('0000 0000 0001 0000 0000 0000 06 766963 74696d 05 6c6f63616c 00 0001 0001')

type Build = (from: string, place: Place) => Buffer
const FOUR = 0x0800
const SIX = 0x86dd
const text = (place: Place, name: string): Buffer => Buffer.from(`${place.mark} ${name}`)

const FORGERIES: Readonly<Record<string, Build>> = {
  'ARP: I am the router': (from) => ethernet(BROADCAST, from, 0x0806, arp(2, router4, from, router4)),
  'ARP: I am the store of files': (from) => ethernet(BROADCAST, from, 0x0806, arp(1, nas4, from, nas4)),
  'ARP in a VLAN': (from) =>
    ethernet(BROADCAST, from, 0x8100, Buffer.concat([hex('0005 0806'), arp(2, router4, from, router4)])),
  'DHCP: who gives addresses?': (from) =>
    ethernet(BROADCAST, from, FOUR, ip4('0.0.0.0', '255.255.255.255', 17, udp4(68, 67, dhcp(1, from, 1)))),
  'DHCP: an offer': (from) =>
    ethernet(BROADCAST, from, FOUR, ip4(nas4, '255.255.255.255', 17, udp4(67, 68, dhcp(2, from, 2)))),
  'DHCPv6: who gives addresses?': (from) =>
    ethernet('33:33:00:01:00:02', from, SIX, udp6(LINK_LOCAL, 'ff02::1:2', [546, 547], hex('01123456'))),
  'a router advertisement': (from) =>
    ethernet(
      '33:33:00:00:00:01',
      from,
      SIX,
      icmp6(LINK_LOCAL, 'ff02::1', 134, hex('4000 0708 00000000 00000000')),
    ),
  'a router solicitation': (from) =>
    ethernet('33:33:00:00:00:02', from, SIX, icmp6(LINK_LOCAL, 'ff02::2', 133, hex('00000000'))),
  'a neighbour advertisement for the router': (from) =>
    ethernet(
      ...(['33:33:00:00:00:01', from, SIX] as const),
      icmp6(
        routerLocal,
        'ff02::1',
        136,
        Buffer.concat([hex('20000000'), six(routerLocal), hex('0201'), mac(from)]),
      ),
    ),
  'a neighbour solicitation': (from) =>
    ethernet(
      ...(['33:33:ff:00:00:20', from, SIX] as const),
      icmp6(
        LINK_LOCAL,
        'ff02::1:ff00:20',
        135,
        Buffer.concat([hex('00000000'), six(nasLocal), hex('0101'), mac(from)]),
      ),
    ),
  'mDNS over IPv4': (from) =>
    ethernet('01:00:5e:00:00:fb', from, FOUR, ip4(nas4, '224.0.0.251', 17, udp4(5353, 5353, question))),
  'mDNS over IPv6': (from) =>
    ethernet('33:33:00:00:00:fb', from, SIX, udp6(LINK_LOCAL, 'ff02::fb', [5353, 5353], question)),
  LLMNR: (from) =>
    ethernet('01:00:5e:00:00:fc', from, FOUR, ip4(nas4, '224.0.0.252', 17, udp4(5355, 5355, question))),
  'a frame of no known kind': (from) => ethernet(BROADCAST, from, 0x88b5, hex('0102030405060708')),
  'IPv4 with the address of another': (from, place) =>
    ethernet(
      ...([place.routerMac, from, FOUR] as const),
      ip4(nas4, SITES.allowed.four, 17, udp4(7777, 7, text(place, 'spoofed four'))),
    ),
  'IPv6 with the address of another': (from, place) =>
    ethernet(
      ...([place.routerMac, from, SIX] as const),
      udp6(nasGlobal, SITES.allowed.six, [7777, 7], text(place, 'spoofed six')),
    ),
}

export function forge(place: Place): Forged[] {
  return Object.entries(FORGERIES).map(([what, build], at) => ({
    what,
    bytes: build(sourceMac(place, at), place),
  }))
}

export interface Sender {
  readonly mac: string
  readonly address4: string
  readonly address6: string
}

/** Packets in order, from the sender's own addresses: each arrives behind all of its family that was sent before it. */
export function honest(place: Place, { mac, address4, address6 }: Sender): Buffer[] {
  const { four, six } = SITES.allowed
  const data = (family: string): Buffer => udp4(7778, 7, text(place, `honest ${family}`))
  return [
    ethernet(place.routerMac, mac, FOUR, ip4(address4, four, 17, data('four'))),
    ethernet(place.routerMac, mac, SIX, ip6(address6, six, 17, data('six'), 6)),
  ]
}

export const newMark = (seed: string): string => createHash('sha256').update(seed).digest('hex').slice(0, 6)
