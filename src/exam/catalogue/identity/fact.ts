import { randomBytes } from 'node:crypto'
import type { ExamHost } from '../../host.ts'
import type { Scene } from '../../scene.ts'
import { byNonceAlone } from '../../sightings.ts'
import type { Hole, Launch, Probe, Severity, Trap } from '../../types.ts'

/** A value of the host's that a box may come to know. */
export interface Fact {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly tries: string
  readonly severity?: Severity
  readonly standsFor: readonly string[]
  readonly closing: string
  readonly price: string
  readonly holes: readonly Hole[]
  /** What the inside is asked. */
  readonly verb: string
  readonly words?: readonly string[]
  /** What it is called in evidence. */
  readonly what: string
  readonly lacks?: (host: ExamHost) => string | undefined
  readonly moot?: (host: ExamHost) => string | undefined
  /** The host's value, which must be found in what the inside says; planted, where `launch` is said with it. */
  readonly value: (scene: Scene) => { readonly value: string; readonly launch?: Launch }
}

/** Shorter ones would be found in anything. */
const LEAST = 5

/** A probe that looks for the host's own value inside; the negative control looks for a random one of the same length. */
export function factProbe(fact: Fact): Probe {
  const { verb, words = [], what, value, lacks, moot, ...said } = fact
  return {
    ...said,
    asset: 'identity',
    attacker: 'user in the box',
    severity: fact.severity ?? 'host leak',
    ...(lacks === undefined ? {} : { lacks }),
    ...(moot === undefined ? {} : { moot }),
    plant: async (scene, canary): Promise<Trap> => {
      const host = value(scene)
      if (host.value.length < LEAST)
        throw new Error(`this machine's value is too short to be told apart: ${host.value}`)
      const wanted = canary
        ? host.value
        : randomBytes(host.value.length).toString('hex').slice(0, host.value.length)
      return {
        ...(host.launch === undefined ? {} : { launch: host.launch }),
        attempt: async (inside) => byNonceAlone(await inside.ask(verb, words), wanted, what),
        [Symbol.asyncDispose]: async () => undefined,
      }
    },
  }
}

/** Planting it takes rights over namespaces that do not change what the sandbox finds. */
export const needsRoot = (host: ExamHost): string | undefined =>
  host.uid === 0 ? undefined : 'planting it takes root'
