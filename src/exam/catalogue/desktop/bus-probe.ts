import type { Scene } from '../../scene.ts'
import { byNonce, byWitness } from '../../sightings.ts'
import type { Trap } from '../../types.ts'
import { busTalk } from './bus.ts'
import type { Call, Returned } from './bus-message.ts'
import { plantSocket } from './planted-socket.ts'
import { runtimePath } from './session-environment.ts'

/** A method of the user's session that gives whoever calls it something. */
export interface BusMethod {
  readonly destination: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly signature: string
  /** The words of its arguments, as the verb `bus-call` takes them (guest/probe/desktop_bus.c). */
  readonly words: (nonce: string) => readonly string[]
  /** What it returns. */
  readonly returned: (nonce: string) => Returned
  /** The nonce comes back by what it returns; else the service outside finds it among the arguments. */
  readonly brings: boolean
  /** What is told of a call that has come through. */
  readonly seen: string
  /** How a session names the bus; DBUS_SESSION_BUS_ADDRESS where absent. */
  readonly variable?: string
}

/** A bus with that one service, at a new place beside the user's own bus, which is not touched. */
export function plantBus(scene: Scene, canary: boolean, method: BusMethod): Promise<Trap> {
  const calls: Call[] = []
  const path = runtimePath(scene, 'bus')
  const secret = scene.nonce()
  const talk = busTalk((call) => {
    if (calls.length < MOST_CALLS) calls.push(call)
    return method.returned(isCallOf(method, call) ? secret : 'nothing')
  })
  const env = { [method.variable ?? 'DBUS_SESSION_BUS_ADDRESS']: `unix:path=${path}` }
  return plantSocket(scene, canary, { path, env, talk }, async (inside) => {
    const nonce = scene.nonce()
    const { destination, path: object, interface: of, member, signature } = method
    const words = [path, destination, object, of, member, signature, ...method.words(nonce)]
    const answer = await inside.ask('bus-call', words)
    if (method.brings) return byNonce(answer, secret, method.seen)
    const seen = calls.some((call) => isCallOf(method, call) && call.body.includes(nonce))
    return byWitness(seen, answer, method.seen)
  })
}

/** Of a box that floods the bus, no more are kept. */
const MOST_CALLS = 100

const isCallOf = (method: BusMethod, call: Call): boolean =>
  call.destination === method.destination &&
  call.path === method.path &&
  call.interface === method.interface &&
  call.member === method.member &&
  call.signature === method.signature
