import { createSocket, type Socket as Datagrams, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { serveSink, serveSource } from './bulk.ts'
import { dhcpReply } from './dhcp.ts'
import { parseQuestion, replyBytes, TYPES } from './dns.ts'
import { BROADCAST, NODES, type NodeName, onSegment, type Service } from './topology.ts'
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
    tell: (address, [peer, peerPort], text) =>
      onArrival({
        node,
        protocol,
        address: plain(address),
        port,
        peer: plain(peer),
        peerPort,
        text: clip(text),
      }),
  })
  for (const service of services) {
    const { transport, port } = service
    const told = tell(transport === 'udp' || transport === 'dns' ? transport : 'tcp', port)
    if (transport !== 'udp') await tcpServer(node, service, told)
    if (transport === 'udp' || transport === 'dns') await udpServer(node, service, told, addresses)
  }
}

interface Told {
  tell(address: string, peer: Peer, text: string): void
}
type Peer = readonly [address: string, port: number]

/** IPv4 through a socket of both families (RFC 4291, 2.5.5.2). */
const plain = (address: string): string => address.replace(/^::ffff:/, '').replace(/%.*$/, '')
const clip = (text: string): string => text.slice(0, MOST_TEXT)

/** Says its name to whoever connects, and sends back what it is sent. */
async function tcpServer(node: NodeName, service: Service, { tell }: Told): Promise<void> {
  const serve = (socket: Socket): unknown => {
    const address = socket.localAddress ?? ''
    const peer: Peer = [socket.remoteAddress ?? '', socket.remotePort ?? 0]
    socket.on('error', () => undefined)
    if (service.transport === 'dns') return dnsStream(socket, (name) => tell(address, peer, name))
    tell(address, peer, '')
    if (service.transport === 'sink') return serveSink(socket)
    if (service.transport === 'source') return serveSource(socket)
    socket.write(`${node}\n`)
    socket.once('data', (bytes: Buffer) => tell(address, peer, bytes.toString('latin1')))
    return socket.pipe(socket)
  }
  const own = service.address === undefined ? (NODES[node].served ?? ['::']) : [service.address]
  for (const address of own) {
    const server: Server = createServer(serve)
    server.maxConnections = MOST_CONNECTIONS
    await once(server.listen(service.port, address), 'listening')
  }
}

/** A socket for each address, so that it answers from where it was asked; and one for what is sent to all. */
async function udpServer(
  node: NodeName,
  service: Service,
  told: Told,
  addresses: readonly string[],
): Promise<void> {
  const broadcast = NODES[node].onSegment === undefined ? [] : ['0.0.0.0']
  const own = service.address === undefined ? [...addresses, ...broadcast] : [service.address]
  for (const address of own) {
    const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: true })
    socket.on('error', () => undefined)
    socket.on('message', (bytes, peer) => answer(socket, node, service, bytes, peer, told, address))
    socket.bind(service.port, address)
    await once(socket, 'listening')
  }
  await joinGroups(node, service.port, service.groups ?? [], told.tell)
}

/** A socket of IPv6 joins no group of IPv4. */
async function joinGroups(
  node: NodeName,
  port: number,
  groups: readonly string[],
  tell: Told['tell'],
): Promise<void> {
  for (const group of groups) {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    socket.on('message', (bytes, peer) => {
      const reply = port === MDNS_PORT ? mdnsReply(node, bytes) : undefined
      tell(group, [peer.address, peer.port], bytes.toString('latin1'))
      if (reply !== undefined) socket.send(reply, port, group)
    })
    socket.bind(port, group)
    await once(socket, 'listening')
    socket.addMembership(group)
  }
}

const MDNS_PORT = 5353
/** What the router gives to whoever asks: the victim's own. */
const LEASED = onSegment(NODES.victim.onSegment ?? 0)[0]

/** Each node answers for its own name (RFC 6762). */
function mdnsReply(node: NodeName, bytes: Buffer): Buffer | undefined {
  const isQuestion = bytes.length >= 17 && bytes.readUInt16BE(2) === 0 && bytes.readUInt16BE(4) === 1
  if (!isQuestion || parseQuestion(bytes).name !== `${node}.local`) return undefined
  const [data] = onSegment(NODES[node].onSegment ?? 0)
  return replyBytes(bytes, 0, [{ name: `${node}.local`, type: 'A', ttl: 120, data }])
}

/** What begins with `after N ` is answered after so many seconds. */
function answer(
  socket: Datagrams,
  node: NodeName,
  { transport, port }: Service,
  bytes: Buffer,
  peer: RemoteInfo,
  { tell }: Told,
  address: string,
): void {
  const from: Peer = [peer.address, peer.port]
  const lease = node === 'router' && port === 67 ? dhcpReply(bytes, LEASED) : undefined
  if (lease !== undefined) {
    tell(address, from, 'DHCP')
    socket.setBroadcast(true)
    socket.send(lease, 68, BROADCAST)
    return
  }
  if (transport !== 'dns') tell(address, from, bytes.toString('latin1'))
  const reply =
    transport === 'dns'
      ? dnsReply(bytes, (name) => tell(address, from, name))
      : Buffer.concat([Buffer.from(`${node} `), bytes])
  // Two services that answer each other would never end (CVE-1999-0103): what comes from the service's own port is heard only.
  if (reply === undefined || peer.port === port) return
  const pause = /^after (\d{1,3}) /.exec(bytes.toString('latin1', 0, 12))?.[1]
  setTimeout(() => socket.send(reply, peer.port, peer.address), Number(pause ?? 0) * 1000)
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
