/* Frames and packets as bytes, as an attacker on a segment makes them. */

export const ETHER = { arp: 0x0806, four: 0x0800, six: 0x86dd } as const
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'
const UDP = 17
const ICMP6 = 58
/** Ethernet's least payload (IEEE 802.3). */
const LEAST = 46

export const hexOf = (bytes: Uint8Array | string): string => Buffer.from(bytes as string).toString('hex')
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const mac = (text: string): Buffer => hex(text.replaceAll(':', ''))
const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255])
const four = (address: string): Buffer => Buffer.from(address.split('.').map(Number))

function six(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): Buffer =>
    Buffer.concat(text === '' ? [] : text.split(':').map((group) => u16(Number.parseInt(group, 16))))
  const [first, last] = [groups(head), groups(tail)]
  return Buffer.concat([first, Buffer.alloc(16 - first.length - last.length), last])
}

/** RFC 1071. */
function checksum(bytes: Buffer): Buffer {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  return u16(~sum)
}

export const ethernet = (to: string, from: string, type: number, data: Buffer): Buffer =>
  Buffer.concat([mac(to), mac(from), u16(type), data, Buffer.alloc(Math.max(0, LEAST - data.length))])

/** RFC 826, that `owner` is at `from`, with a text in the padding behind it. */
export const arp = (operation: number, from: string, owner: string, about: string, text = ''): Buffer =>
  Buffer.concat([
    ...[hex('0001 0800 06 04'), u16(operation), mac(from), four(owner), mac(BROADCAST_MAC), four(about)],
    Buffer.from(text),
  ])

export function ip4(from: string, to: string, data: Buffer): Buffer {
  const head = Buffer.concat([hex('4500'), u16(20 + data.length), hex('0001 4000 40'), Buffer.from([UDP])])
  const addresses = Buffer.concat([four(from), four(to)])
  return Buffer.concat([head, checksum(Buffer.concat([head, addresses])), addresses, data])
}

/** Over IPv4 its checksum may be left away (RFC 768). */
export const udp4 = (from: number, to: number, data: Buffer): Buffer =>
  Buffer.concat([u16(from), u16(to), u16(8 + data.length), u16(0), data])

/** A server's offer (RFC 2131) of an address, with a text as the server's name. */
export const dhcpOffer = (offered: string, text: string): Buffer =>
  Buffer.concat([
    ...[hex('02010600 67627801 0000 8000 00000000'), four(offered), Buffer.alloc(8), Buffer.alloc(16)],
    ...[Buffer.from(text.padEnd(64, '\0')), Buffer.alloc(128), hex('63825363 350102 ff')],
  ])

/**
 * A router's advertisement (RFC 4861, 4.2) that nobody takes as a router, as its lifetime is 0, with a text in an option for
 * experiments (RFC 4727).
 */
export function routerAdvertisement(from: string, text: string): Buffer {
  const [all, length] = ['ff02::1', Math.ceil((2 + text.length) / 8)]
  const option = Buffer.alloc(length * 8)
  option.set([253, length])
  option.write(text, 2)
  const message = Buffer.concat([hex('86000000 40000000 00000000 00000000'), option])
  const addresses = Buffer.concat([six(from), six(all)])
  const pseudo = Buffer.concat([addresses, u16(0), u16(message.length), u16(0), u16(ICMP6), message])
  checksum(pseudo).copy(message, 2)
  return Buffer.concat([hex('60000000'), u16(message.length), Buffer.from([ICMP6, 255]), addresses, message])
}

const sized = (...parts: Buffer[]): Buffer => {
  const bytes = Buffer.concat(parts)
  return Buffer.concat([u16(bytes.length), bytes])
}

/** The first words of TLS (RFC 8446, 4.1.2) to `name`, with a text of 32 bytes as the session's id. */
export function clientHello(name: string, text: string): Buffer {
  const serverName = Buffer.concat([u16(0), sized(sized(Buffer.from([0]), sized(Buffer.from(name))))])
  const body = Buffer.concat([
    ...[hex('0303'), Buffer.alloc(32, 7), Buffer.from([32]), Buffer.from(text.padEnd(32).slice(0, 32))],
    ...[hex('0002 1301 0100'), sized(serverName)],
  ])
  const handshake = Buffer.concat([hex('0100'), sized(body)])
  return Buffer.concat([hex('160301'), sized(handshake)])
}
