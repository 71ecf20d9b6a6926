import type { Scene } from '../../scene.ts'
import { failureOf } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { OF_SNAPSHOTS, WARM } from './warm.ts'

/** Certificates and one-time passwords bear seconds, not minutes. */
const MOST_MS = 10_000

async function plant(_scene: Scene, canary: boolean): Promise<Trap> {
  return {
    launch: WARM,
    attempt: async (inside, place) => {
      const before = Date.now()
      const answer = await inside.ask('clock', place.kind !== 'box' && canary ? ['kept'] : [])
      const said = Number.parseInt(answer.text, 10)
      const failure = failureOf(answer)
      if (failure !== undefined) return failure
      const off = said < before ? before - said : Math.max(0, said - Date.now())
      return { reached: off > MOST_MS, evidence: `its clock is ${(off / 1000).toFixed(1)} s off the host's` }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const clock: Probe = {
  ...OF_SNAPSHOTS,
  id: 'snapshots-clock',
  number: 116,
  title: 'live in the time at which the memory was kept',
  tries:
    'A box goes on from a kept memory and says its time; more than 10 s off the clock of the host decides. The control says a time that is a minute old.',
  severity: 'in-box only',
  standsFor: ['expired certificates and replayed one-time passwords after a clock jump'],
  closing: 'Set the clock of a machine whose memory is taken up.',
  price: 'None.',
  plant,
}
