import { createCipheriv, createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'

/* Much data in one connection. A sink is sent `BYTES\\n` and so many bytes, and answers with their SHA-256; a source is sent
 * `BYTES SEED\\n` and sends so many bytes that follow from the seed. */

const CHUNK = Buffer.alloc(256 * 1024)
const MOST_BYTES = 2 ** 31

/** The bytes of a source: a key stream, so that each part of it is another. */
export function* bulk(seed: string, bytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  for (let left = bytes; left > 0; left -= CHUNK.length)
    yield cipher.update(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK)
}

export function bulkHash(seed: string, bytes: number): string {
  const hash = createHash('sha256')
  for (const part of bulk(seed, bytes)) hash.update(part)
  return hash.digest('hex')
}

export function serveSource(socket: Socket): void {
  socket.once('data', (line: Buffer) => {
    const [bytes = '', seed = ''] = line.toString('latin1').trim().split(' ')
    const wanted = Math.min(Number(bytes) || 0, MOST_BYTES)
    Readable.from(bulk(seed, wanted))
      .on('error', () => undefined)
      .pipe(socket)
  })
}

export function serveSink(socket: Socket): void {
  const hash = createHash('sha256')
  let left: number | undefined
  let head = ''
  socket.on('data', (part: Buffer) => {
    let bytes = part
    if (left === undefined) {
      const end = part.indexOf('\n')
      head += part.subarray(0, end < 0 ? part.length : end).toString('latin1')
      if (end < 0 || head.length > 20) return
      left = Number(head) || 0
      bytes = part.subarray(end + 1)
    }
    hash.update(bytes)
    left -= bytes.length
    if (left <= 0) socket.end(`${hash.digest('hex')}\n`)
  })
}
