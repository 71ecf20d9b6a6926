import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/* As much of DHCP (RFC 2131) as a home speaks: a computer asks everybody, its router answers everybody, and the computer takes that. */

const [DISCOVER, OFFER, REQUEST, ACK] = [1, 2, 3, 5]
const COOKIE = Buffer.from('63825363', 'hex')
const OPTIONS_AT = 240
const [SERVER_PORT, CLIENT_PORT] = [67, 68]
const RETRY_MS = 1000
/** What a client sends begins with 1, and what a server sends with 2. */
const [ASKS, ANSWERS] = [1, 2]

export interface DhcpMessage {
  readonly operation: number
  readonly kind: number
  /** The client's number of this exchange. */
  readonly exchange: Buffer
  readonly offered: string
  readonly card: Buffer
}

export function readDhcp(bytes: Buffer): DhcpMessage | undefined {
  if (bytes.length < OPTIONS_AT + 3 || !bytes.subarray(236, OPTIONS_AT).equals(COOKIE)) return undefined
  // The kind is the first option of all that speak here.
  if (bytes[OPTIONS_AT] !== 53) return undefined
  return {
    operation: bytes[0] ?? 0,
    kind: bytes[OPTIONS_AT + 2] ?? 0,
    exchange: bytes.subarray(4, 8),
    offered: [...bytes.subarray(16, 20)].join('.'),
    card: bytes.subarray(28, 34),
  }
}

export function writeDhcp({ operation, kind, exchange, offered, card }: DhcpMessage): Buffer {
  const bytes = Buffer.alloc(300)
  bytes.set([operation, 1, 6, 0])
  exchange.copy(bytes, 4)
  // Answers go to everybody, as the client has no address yet.
  bytes[10] = 0x80
  bytes.set(offered.split('.').map(Number), 16)
  card.copy(bytes, 28)
  COOKIE.copy(bytes, 236)
  bytes.set([53, 1, kind, 255], OPTIONS_AT)
  return bytes
}

/** What a server says to a message; undefined where it says nothing. */
export function dhcpReply(bytes: Buffer, offered: string): Buffer | undefined {
  const asked = readDhcp(bytes)
  if (asked?.operation !== ASKS || (asked.kind !== DISCOVER && asked.kind !== REQUEST)) return undefined
  return writeDhcp({ ...asked, operation: ANSWERS, kind: asked.kind === DISCOVER ? OFFER : ACK, offered })
}

/** Gets an address, as a computer does that comes home; `tell` hears of every message that reaches it. */
export async function askForAddress(
  card: Buffer,
  tell: (peer: string, peerPort: number, text: string) => void,
): Promise<void> {
  const exchange = Buffer.from('766963a5', 'hex')
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  const say = (kind: number, offered: string): void => {
    const bytes = writeDhcp({ operation: ASKS, kind, exchange, offered, card })
    socket.send(bytes, SERVER_PORT, '255.255.255.255')
  }
  // The router may come up later.
  const again = setInterval(() => say(DISCOVER, '0.0.0.0'), RETRY_MS)
  socket.on('message', (bytes, peer) => {
    const heard = readDhcp(bytes)
    if (heard?.operation !== ANSWERS) return
    tell(peer.address, peer.port, `DHCP ${heard.kind === ACK ? 'gives' : 'offers'} ${heard.offered}`)
    if (heard.kind === ACK) clearInterval(again)
    if (heard.kind === OFFER && heard.exchange.equals(exchange)) say(REQUEST, heard.offered)
  })
  socket.bind(CLIENT_PORT, '0.0.0.0')
  await once(socket, 'listening')
  socket.setBroadcast(true)
  say(DISCOVER, '0.0.0.0')
}
