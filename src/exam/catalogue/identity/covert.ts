import { openHost } from '../../host-session.ts'
import type { Scene } from '../../scene.ts'
import type { Answer, Session } from '../../session.ts'
import { byWitness } from '../../sightings.ts'
import type { Place, Sighting, Trap } from '../../types.ts'

/** A bit is two halves, busy and idle or the other way round. */
const BITS = 24
/** Samples of half a bit. */
const SAMPLES = 3
/** The sender may begin this much later than the hearer, in milliseconds. */
const LATE_MS = 400
/** By chance that few bits are wrong in one of 1,300 hearings: 301 of 2^24 messages at each of the few dozen moments it may have begun at. */
const MOST_WRONG = 2

/** The first bits of a nonce. */
const bitsOf = (nonce: string): string =>
  Number.parseInt(nonce.slice(0, BITS / 4), 16)
    .toString(2)
    .padStart(BITS, '0')

/**
 * The fewest wrong bits over all moments at which the message may have begun. Pure.
 *
 * @param samples three of each half of a bit
 */
export function fewestWrong(samples: readonly number[], bits: string, sign: Channel['sign']): number {
  const half = SAMPLES
  let fewest = bits.length
  for (let from = 0; from + bits.length * 2 * half <= samples.length; from++) {
    const wrong = [...bits].filter((bit, at) => {
      const begin = from + at * 2 * half
      const difference = sum(samples, begin, half) - sum(samples, begin + half, half)
      return difference * sign > 0 !== (bit === '1')
    })
    fewest = Math.min(fewest, wrong.length)
  }
  return fewest
}

const sum = (samples: readonly number[], from: number, count: number): number =>
  samples.slice(from, from + count).reduce((all, one) => all + one, 0)

/** What is sent with, and what is heard with. */
export interface Channel {
  readonly send: string
  readonly hear: string
  /** 1 where a busy half makes samples larger, -1 where it makes them smaller. */
  readonly sign: 1 | -1
  /** Milliseconds of half a bit. */
  readonly halfMs: 12 | 18
}

/** More processes while it is busy: a count, which few samples tell. */
export const CROWD: Channel = { send: 'send-crowd', hear: 'hear-crowd', sign: 1, halfMs: 12 }
/** Less done while others are busy, which the scheduler's slices of 3 ms blur. */
export const PROCESSOR: Channel = { send: 'send-cpu', hear: 'hear-cpu', sign: -1, halfMs: 18 }

/** A control must get through, and others who work on the machine drown some messages; a box has its attempts for that. */
const HEARINGS = { bare: 3, holed: 3, box: 1 }

async function hear(
  inside: Session,
  channel: Channel,
  bits: string,
  send: () => Promise<unknown>,
): Promise<Sighting> {
  const bitMs = 2 * channel.halfMs
  const words = [BITS * bitMs + LATE_MS, channel.halfMs / SAMPLES].map(String)
  const hearing = inside.hold(channel.hear, words, { timeoutMs: 30_000 })
  if (await hearing.until('hearing')) await send()
  const answer: Answer = await hearing.release()
  const samples = answer.text.split(/\s+/).filter((word) => /^\d{1,9}$/.test(word))
  const wrong = fewestWrong(samples.map(Number), bits, channel.sign)
  const said = `${BITS - wrong} of ${BITS} bits came through, at ${Math.round(1000 / bitMs)} bits a second`
  return byWitness(wrong <= MOST_WRONG, { ...answer, text: said }, said)
}

/** From one box to another, or from the host, which does the sender's work itself. */
export function plantChannel(channel: Channel, from: 'box' | 'host') {
  return async (scene: Scene, canary: boolean): Promise<Trap> => {
    let sender: Session | undefined
    return {
      attempt: async (inside: Session, place: Place): Promise<Sighting> => {
        const to = sender?.alive ? sender : from === 'box' ? await place.open() : await openHost(scene)
        sender = to
        for (let rest = (canary ? HEARINGS[place.kind] : 1) - 1; ; rest--) {
          const bits = bitsOf(scene.nonce())
          const words = [String(channel.halfMs), canary ? bits : bitsOf(scene.nonce())]
          const sighting = await hear(inside, channel, bits, () => to.ask(channel.send, words))
          if (sighting.reached || rest === 0) return sighting
        }
      },
      [Symbol.asyncDispose]: async () => sender?.end(),
    }
  }
}
