import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import type { Sighting, Trap } from '../../types.ts'
import { inUserSession } from './session-environment.ts'

/** Connections at a time, milliseconds of silence until one is dropped, and bytes that one may send. */
const MOST_CONNECTIONS = 16
const SILENCE_MS = 20_000
const MOST_BYTES = 256 * 1024

/** What a witness does with one connection: it is given all that has come and is not used yet, and returns what is left of it. */
export type Talk = (send: (bytes: Uint8Array) => void) => (received: Buffer) => Buffer | undefined

/** Listens as a part of the user's desktop. A peer that breaks the protocol (the talk returns nothing) is dropped. */
export async function listenAt(scene: Scene, path: string, talk: Talk): Promise<AsyncDisposable> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy()) // the peer has gone
    socket.setTimeout(SILENCE_MS, () => socket.destroy())
    converse(
      socket,
      talk((bytes) => socket.write(bytes)),
    )
  })
  server.maxConnections = MOST_CONNECTIONS
  scene.remember({ kind: 'path', path })
  server.listen(path)
  await once(server, 'listening')
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
      rmSync(path, { force: true })
    },
  }
}

function converse(socket: Socket, take: (received: Buffer) => Buffer | undefined): void {
  let [left, all]: [Buffer, number] = [Buffer.alloc(0), 0]
  socket.on('data', (chunk: Buffer) => {
    all += chunk.length
    const rest = all > MOST_BYTES ? undefined : take(Buffer.concat([left, chunk]))
    if (rest === undefined) socket.destroy()
    else left = rest
  })
}

/** A trap about one socket: nobody listens there in the negative control. */
export async function plantSocket(
  scene: Scene,
  canary: boolean,
  { path, env, talk }: SocketPlan,
  attempt: (inside: Session) => Promise<Sighting>,
): Promise<Trap> {
  const listening = canary ? await listenAt(scene, path, talk) : undefined
  return {
    attempt: (inside, place) => inUserSession(inside, place, env, attempt),
    [Symbol.asyncDispose]: async () => listening?.[Symbol.asyncDispose](),
  }
}

export interface SocketPlan {
  readonly path: string
  /** How a user's session names it. */
  readonly env: Readonly<Record<string, string>>
  readonly talk: Talk
}
