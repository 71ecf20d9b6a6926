import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { parseQuestion, replyBytes } from '../../src/lab/dns.ts'
import type { Asked, Zone } from './world-types.ts'

/** A server that knows the zones it was given and keeps what it was asked. */
export class Authority {
  zones: Readonly<Record<string, Zone>> = {}
  asked: Asked[] = []

  static async listen(address: string): Promise<Authority> {
    const authority = new Authority()
    const udp = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    udp.on('message', (bytes, peer) => {
      for (const reply of authority.#datagrams(bytes, peer)) udp.send(reply, peer.port, peer.address)
    })
    udp.bind(53, address)
    await once(udp, 'listening')
    const tcp = createServer((socket) => authority.#stream(socket))
    tcp.listen(53, address)
    await once(tcp, 'listening')
    return authority
  }

  #note(bytes: Buffer, transport: 'udp' | 'tcp', port: number): Zone {
    const { name, type, id, end } = parseQuestion(bytes)
    this.asked.push({ name, type, transport, port, id, rest: bytes.subarray(end).toString('hex') })
    return this.zones[name.toLowerCase()] ?? { rcode: 3 }
  }

  #datagrams(bytes: Buffer, peer: RemoteInfo): Buffer[] {
    const { how, ...zone } = this.#note(bytes, 'udp', peer.port)
    const whole = answerOf(bytes, zone)
    if (how === undefined) return [whole]
    if (how === 'silent') return []
    if (how === 'truncated') return [truncated(bytes)]
    if (how === 'forged') return [...forged(bytes), whole]
    if (how === 'liar') return [...forged(bytes), ...forged(bytes), ...forged(bytes)]
    return [Buffer.concat([bytes.subarray(0, 2), Buffer.from(how.raw, 'hex')])]
  }

  #stream(socket: Socket): void {
    let have = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (part) => {
      have = Buffer.concat([have, part])
      if (have.length < 2 || have.length < 2 + have.readUInt16BE(0)) return
      const question = have.subarray(2)
      const reply = answerOf(question, this.#note(question, 'tcp', socket.remotePort ?? 0))
      socket.end(Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 255]), reply]))
    })
  }
}

function answerOf(question: Buffer, zone: Zone): Buffer {
  return replyBytes(question, zone.rcode ?? 0, zone.answers ?? [], zone.authority ?? [])
}

function truncated(question: Buffer): Buffer {
  const reply = replyBytes(question, 0, [])
  reply.writeUInt16BE(reply.readUInt16BE(2) | 0x200, 2)
  return reply
}

/** What somebody sends who does not see the question: a wrong id, a wrong name, wrong capitals. */
function forged(question: Buffer): Buffer[] {
  const { name } = parseQuestion(question)
  const lie = (): Buffer =>
    replyBytes(question, 0, [{ name: name.toLowerCase(), type: 'A', ttl: 3600, data: '203.0.113.66' }])
  const [id, other, capitals] = [lie(), lie(), lie()]
  id.writeUInt16BE(id.readUInt16BE(0) ^ 1, 0)
  other.writeUInt8(other.readUInt8(13) ^ 1, 13)
  for (let i = 13; i < 13 + name.length; i++) {
    const c = capitals.readUInt8(i)
    if ((c | 32) >= 97 && (c | 32) <= 122) capitals.writeUInt8(c ^ 32, i)
  }
  return [id, other, capitals]
}
