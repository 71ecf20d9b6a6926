import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'

/** Bytes that a witness keeps of all that it is told: a box may flood it. */
const MOST_HEARD = 64 * 1024

/** A server on a unix socket that keeps what it is told. */
export interface WitnessSocket extends AsyncDisposable {
  /** Whether somebody has said this. Waits a moment, as words may be on their way. */
  heard(text: string): Promise<boolean>
}

/** @param path of the socket, which every user may connect to */
export async function witnessSocket(path: string): Promise<WitnessSocket> {
  let heard = ''
  const server = createServer((socket) => {
    socket.on('error', () => undefined) // whoever said something has gone
    socket.on('data', (chunk) => {
      heard = (heard + chunk.toString('latin1')).slice(-MOST_HEARD)
      socket.end('heard')
    })
  })
  server.maxConnections = 16
  server.listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o777)
  return {
    heard: async (text) => {
      for (let round = 0; round < 10 && !heard.includes(text); round++)
        await new Promise((resolve) => setTimeout(resolve, 20))
      return heard.includes(text)
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      rmSync(path, { force: true })
    },
  }
}
