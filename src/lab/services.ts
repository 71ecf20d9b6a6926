import { createSocket, type Socket as Datagrams, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { parseQuestion, replyBytes, TYPES } from './dns.ts'
import type { NodeName, Service } from './topology.ts'
import type { Arrival } from './types.ts'
import { zoneAnswers } from './zones.ts'

export type OnArrival = (arrival: Arrival) => void

/** Text of an arrival: enough for a nonce. */
const MOST_TEXT = 200
const MOST_CONNECTIONS = 512

/** Starts a node's services on all of its addresses, of both families. */
export async function startServices(
  node: NodeName,
  services: readonly Service[],
  addresses: readonly string[],
  onArrival: OnArrival,
): Promise<void> {
  const tell = (protocol: Arrival['protocol'], port: number): Told => ({
    tell: (address, peer, text) =>
      onArrival({ node, protocol, address: plain(address), port, peer: plain(peer), text: clip(text) }),
  })
  for (const service of services) {
    const { transport, port } = service
    if (transport !== 'udp') await tcpServer(node, service, tell(transport, port))
    if (transport !== 'tcp') await udpServer(node, service, tell(transport, port), addresses)
  }
}

interface Told {
  tell(address: string, peer: string, text: string): void
}

/** IPv4 through a socket of both families (RFC 4291, 2.5.5.2). */
const plain = (address: string): string => address.replace(/^::ffff:/, '').replace(/%.*$/, '')
const clip = (text: string): string => text.slice(0, MOST_TEXT)

/** Says its name to whoever connects, and sends back what it is sent. */
async function tcpServer(node: NodeName, service: Service, { tell }: Told): Promise<void> {
  const server: Server = createServer((socket) => {
    const [address, peer] = [socket.localAddress ?? '', socket.remoteAddress ?? '']
    socket.on('error', () => undefined)
    if (service.transport === 'dns') return dnsStream(socket, (name) => tell(address, peer, name))
    tell(address, peer, '')
    socket.write(`${node}\n`)
    socket.once('data', (bytes: Buffer) => tell(address, peer, bytes.toString('latin1')))
    return socket.pipe(socket)
  })
  server.maxConnections = MOST_CONNECTIONS
  await once(server.listen(service.port, service.address ?? '::'), 'listening')
}

/** A socket for each address, so that it answers from where it was asked; and one for what is sent to all. */
async function udpServer(
  node: NodeName,
  service: Service,
  told: Told,
  addresses: readonly string[],
): Promise<void> {
  const own = service.address === undefined ? [...addresses, '0.0.0.0'] : [service.address]
  for (const address of own) {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: true })
    socket.on('error', () => undefined)
    socket.on('message', (bytes, peer) => answer(socket, node, service, bytes, peer, told, address))
    socket.bind(service.port, address)
    await once(socket, 'listening')
  }
  await joinGroups(service.port, service.groups ?? [], told.tell)
}

/** A socket of IPv6 joins no group of IPv4. */
async function joinGroups(port: number, groups: readonly string[], tell: Told['tell']): Promise<void> {
  for (const group of groups) {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    socket.on('message', (bytes, peer) => tell(group, peer.address, bytes.toString('latin1')))
    socket.bind(port, group)
    await once(socket, 'listening')
    socket.addMembership(group)
  }
}

function answer(
  socket: Datagrams,
  node: NodeName,
  { transport }: Service,
  bytes: Buffer,
  peer: RemoteInfo,
  { tell }: Told,
  address: string,
): void {
  if (transport !== 'dns') tell(address, peer.address, bytes.toString('latin1'))
  const reply =
    transport === 'dns'
      ? dnsReply(bytes, (name) => tell(address, peer.address, name))
      : Buffer.concat([Buffer.from(`${node} `), bytes])
  if (reply !== undefined) socket.send(reply, peer.port, peer.address)
}

function dnsReply(bytes: Buffer, asked: (name: string) => void): Buffer | undefined {
  // Header, a name of one byte, type and class.
  if (bytes.length < 17) return undefined
  const { name, type } = parseQuestion(bytes)
  asked(name)
  const answers = zoneAnswers(name.toLowerCase(), type)
  if (answers === undefined) return replyBytes(bytes, NXDOMAIN, [])
  return replyBytes(
    bytes,
    0,
    answers.filter((entry) => TYPES[entry.type] === type).map((entry) => ({ ...entry, name })),
  )
}

const NXDOMAIN = 3

function dnsStream(socket: Socket, asked: (name: string) => void): void {
  let have = Buffer.alloc(0)
  socket.on('data', (part: Buffer) => {
    have = Buffer.concat([have, part])
    if (have.length < 2 || have.length < 2 + have.readUInt16BE(0)) return
    const reply = dnsReply(have.subarray(2), asked)
    if (reply === undefined) socket.destroy()
    else socket.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]))
  })
}
