import { isIP } from 'node:net'
import type { Frame } from '../../../lab/frames.ts'
import type { Arrival } from '../../../lab/types.ts'
import type { Scene } from '../../scene.ts'
import type { Answer, Session } from '../../session.ts'
import { byWitness } from '../../sightings.ts'
import type { Trap } from '../../types.ts'
import { launchOn, type Setting } from './launches.ts'
import { hexOf } from './packets.ts'
import { type TestLan, testLan } from './test-lan.ts'

/** Milliseconds for an answer: what is refused says so at once, and what is dropped never does. */
export const WAIT_MS = 1500
/** For all tries of an attempt. */
const MOST_MS = 20_000
const NOTHING_SAID: Answer = { text: '', end: 0 }

export interface Reach {
  readonly setting: Setting
  /** Says the text wherever it shall not get to. */
  readonly tryIt: (inside: Session, text: string, lan: TestLan) => Promise<Answer>
  /** An arrival with the text that shows the hole; every one where absent. */
  readonly counts?: (arrival: Arrival) => boolean
  /** Frames on the segment with the text show it, too. */
  readonly frames?: true
}

/** A trap whose nonce is said inside and must turn up at a node of the test LAN, or in a frame on its segment. */
export async function plantReach(scene: Scene, canary: boolean, reach: Reach): Promise<Trap> {
  const { setting, tryIt, counts = () => true, frames = false } = reach
  const lan = await testLan(scene)
  const nonce = scene.nonce()
  return {
    launch: launchOn(lan, scene, setting),
    attempt: async (inside) => {
      const fits = (one: Arrival): boolean => one.text.toLowerCase().includes(nonce) && counts(one)
      const trying = tryIt(inside, canary ? nonce : 'nothing', lan)
      // Once it has got through nobody waits for what else does not; what was refused is at its end by itself.
      await Promise.race([trying, lan.awaitArrival(fits, MOST_MS)])
      const arrival = await lan.arrival(fits)
      if (arrival !== undefined) {
        trying.catch(() => undefined) // told with the session's end
        return byWitness(true, NOTHING_SAID, arrivalInWords(arrival))
      }
      const answer = await trying
      const inHex = hexOf(nonce)
      const frame = frames ? await lan.frame(({ bytes }) => bytes.includes(inHex)) : undefined
      return byWitness(frame !== undefined, answer, frame === undefined ? '' : frameInWords(frame))
    },
    [Symbol.asyncDispose]: async () => undefined, // the LAN ends with the exam
  }
}

export const arrivalInWords = ({ node, protocol, address, port, peer }: Arrival): string =>
  `${node} was reached at ${address}, ${protocol} ${port}, by ${peer}`

export const frameInWords = ({ from, kind }: Frame): string =>
  `a frame of ${from} was on the segment: ${kind}`

/** ADDRESS PORT, as the verbs of guest/probe/network.c take them. */
export type Target = readonly [address: string, port: number]

/** A verb's bound of targets. */
const MOST_TARGETS = 28

export const at = (addresses: readonly string[], ...ports: readonly number[]): Target[] =>
  addresses.flatMap((address) => ports.map((port): Target => [address, port]))

const wordsOf = (targets: readonly Target[]): string[] =>
  targets.slice(0, MOST_TARGETS).flatMap(([address, port]) => [address, String(port)])

export function byTcp(inside: Session, text: string | Buffer, targets: readonly Target[]): Promise<Answer> {
  return inside.ask('net-tcp', [String(WAIT_MS), hexOf(text), ...wordsOf(targets)])
}

/** @param from the port that it comes from, where a protocol asks for one */
export function byUdp(
  inside: Session,
  text: string | Buffer,
  targets: readonly Target[],
  { from = 0, waitMs = WAIT_MS } = {},
): Promise<Answer> {
  return inside.ask('net-udp', [String(waitMs), String(from), hexOf(text), ...wordsOf(targets)])
}

/** Several tries as one: it failed where any of them did. */
export async function together(...tries: readonly Promise<Answer>[]): Promise<Answer> {
  const answers = await Promise.all(tries)
  const end = answers.map((answer) => answer.end).find((one) => typeof one === 'string' || one >= 125) ?? 0
  return { text: answers.map(({ text }) => text).join('\n'), end }
}

const MOST_OF_A_KIND = 6

export type AddressKind = 'address' | 'gateway' | 'nameserver'

/** What the inside says of its network; only what is an address is taken of it, and few of each kind. */
export async function knownInside(inside: Session): Promise<Record<AddressKind, string[]>> {
  const { text } = await inside.ask('net-addresses')
  const of = (kind: AddressKind): string[] => addressesIn(text, kind).slice(0, MOST_OF_A_KIND)
  return { address: of('address'), gateway: of('gateway'), nameserver: of('nameserver') }
}

export function addressesIn(text: string, kind: AddressKind): string[] {
  const found = text.split('\n').flatMap((line) => {
    const [word, address = ''] = line.split(' ')
    const [number = '', zone = ''] = address.split('%')
    return word === kind && isIP(number) !== 0 && /^\w{0,15}$/.test(zone) ? [address] : []
  })
  return [...new Set(found)]
}
