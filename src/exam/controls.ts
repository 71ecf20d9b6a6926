import { barePlace, holedPlace, type Programs } from './place.ts'
import type { Controls } from './result-types.ts'
import type { Scene } from './scene.ts'
import { END_MS, type Session, SessionLost } from './session.ts'
import { failed } from './sightings.ts'
import type { Launch, Place, Probe, Sighting, Subject, Trap } from './types.ts'
import { controlOf } from './verdict.ts'

/** The sessions that probes of one exam share, one for each place and launch; opened when first asked for, anew where one was lost. */
export class SharedSessions implements AsyncDisposable {
  readonly #open = new Map<string, Promise<Session>>()

  /** @param name of the place */
  async of(name: string, place: Place, launch: Launch = {}): Promise<Session> {
    const key = launch.key === undefined ? name : `${name}, ${launch.key}`
    const known = this.#open.get(key)
    if (known !== undefined) {
      const session = await known.catch(() => undefined)
      if (launch.ends ? session?.join() : session?.alive) return session as Session
      if (this.#open.get(key) !== known) return this.of(name, place, launch) // somebody else has opened it anew
    }
    const opened = place.open(launch)
    opened.catch(() => undefined)
    this.#open.set(key, opened)
    return opened
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = await Promise.allSettled(this.#open.values())
    await Promise.all(all.map((one) => (one.status === 'fulfilled' ? one.value.end() : undefined)))
  }
}

/** Carries a trap's attempts out, one after the other, in the sessions that it asks for. */
export async function attempts(
  trap: Trap,
  place: Place,
  name: string,
  shared: SharedSessions,
  count: number,
): Promise<Sighting[]> {
  const { launch } = trap
  const shares = launch === undefined || launch.key !== undefined
  const sightings: Sighting[] = []
  let own: Session | undefined
  for (let round = 0; round < count; round++) {
    let session: Session | undefined
    try {
      if (shares) session = await shared.of(name, place, launch)
      else session = own = own?.alive ? own : await place.open(launch)
      sightings.push(await sight(trap, session, place))
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error
      sightings.push({ ...failed(error.message), ...(session === undefined ? { unstarted: true } : {}) })
    } finally {
      if (launch?.fresh || round === count - 1) await own?.end()
    }
  }
  return sightings
}

/** One attempt, and where its launch ends the session what is there behind it. */
export async function sight(trap: Trap, session: Session, place: Place): Promise<Sighting> {
  const seen = await trap
    .attempt(session, place)
    .finally(() => (trap.launch?.ends ? session.end(END_MS) : undefined))
  return typeof seen === 'function' ? await seen() : seen
}

/** The three controls of a probe, side by side but for the canary: bare, in the reference box with its hole, and without canary. */
export async function runControls(
  probe: Probe,
  subject: Subject,
  scene: Scene,
  programs: Programs,
  shared: SharedSessions,
): Promise<Controls> {
  const bare = barePlace(programs, subject)
  const holed = holedPlace(programs, subject, probe.holes)
  const control = async (place: Place, name: string, canary: boolean): Promise<Sighting> => {
    await using trap = await probe.plant(scene, canary)
    const [only] = await attempts(trap, place, name, shared, 1)
    return only ?? failed('it was not tried')
  }
  // One after the other: a probe may plant at a place of which there is only one.
  return {
    bare: controlOf(await control(bare, 'bare', true)),
    holed: controlOf(await control(holed, `holed ${probe.holes.join(' ')}`, true)),
    negative: controlOf(await control(bare, 'bare', false)),
  }
}
