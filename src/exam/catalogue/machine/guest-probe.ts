import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { plantFile, type Scene } from '../../scene.ts'
import type { Place, Probe, Sighting, Trap } from '../../types.ts'
import { buildFor, type Canaries, type Survey, survey, withoutGuest } from './survey.ts'

/** What the probes have in common that ask an attacker's guest for one thing. */
export interface GuestQuestion
  extends Pick<
    Probe,
    'id' | 'number' | 'title' | 'tries' | 'severity' | 'standsFor' | 'closing' | 'price' | 'notFor'
  > {
  /** Judges what one boot has found. `canaries` are of the machine that was opened on purpose. */
  readonly sight: (found: Survey, canaries: Canaries, place: Place) => Sighting
}

const planted = new WeakMap<Scene, Canaries>()

function plantOnce(scene: Scene): Canaries {
  const before = planted.get(scene)
  if (before !== undefined) return before
  const nonce = scene.nonce()
  const folder = join(scene.folder, `machine-${nonce.slice(0, 8)}`)
  mkdirSync(folder, { mode: 0o755 })
  plantFile(join(folder, 'canary'), nonce)
  const canaries = { nonce, folder }
  planted.set(scene, canaries)
  return canaries
}

/** A probe whose controls are the same machine opened on purpose, as nothing else has what it looks for. */
export function guestProbe({ sight, notFor = withoutGuest, ...words }: GuestQuestion): Probe {
  const plant = async (scene: Scene, canary: boolean): Promise<Trap> => {
    const canaries = plantOnce(scene)
    return {
      attempt: async (_inside, place) => {
        const { subject } = place
        if (subject.kind !== 'engine') return { reached: false, evidence: 'no machine', failed: true }
        return sight(await survey(scene, subject, buildFor(place, canary), canaries), canaries, place)
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
  return {
    ...words,
    ...{ asset: 'machine', attacker: 'root in the box', holes: [], controlsEach: true, attempts: 1 },
    ...{ notFor, plant },
  }
}
