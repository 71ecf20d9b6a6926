import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Scene } from '../../scene.ts'
import type { Held, Session } from '../../session.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { EngineSubject, Launch, Probe, Sighting, Trap } from '../../types.ts'
import { freeMib, type Gauge } from './gauge.ts'

/** What differs between bombs. */
export interface Bomb
  extends Pick<Probe, 'id' | 'number' | 'title' | 'tries' | 'severity' | 'standsFor' | 'closing' | 'price'> {
  readonly holes?: Probe['holes']
  readonly notFor?: Probe['notFor']
  readonly moot?: Probe['moot']
  readonly lacks?: Probe['lacks']
  /** The verb and the size that it is given; a size of 0 is the negative control. */
  readonly verb: string
  readonly words: (size: number, scene: Scene, name: string) => readonly string[]
  /** Folders in which it makes one of that name: the user's, where it is in no sandbox. */
  readonly folders?: readonly string[]
  readonly size: (scene: Scene) => number
  readonly unit: string
  readonly gauge: (scene: Scene) => Gauge
  /** Share of the size that must be missing on the host; 0.9 where absent: others use the host, too. */
  readonly share?: number
  /** It takes what other probes take little of, and leaves them enough: it need not run alone. */
  readonly besides?: true
  /** Where what it took does not come back, such as writes that were made. */
  readonly oneWay?: true
  /** Limits that engines of ours get, where the default one is too large to be tried. */
  readonly options?: (subject: EngineSubject) => readonly string[]
}

/** Milliseconds for a bomb to be set; kernels of emulated machines are slow. */
const SET_MS = 30_000
/** Share of the size that may lack when all has come back: others use the host meanwhile. */
const CAME_BACK = 0.1
/** For the kernel to take back what was let go. */
const SETTLE_MS = 4000

/** Sets the bomb off, measures the host before, amid and after, and takes the smaller difference. */
async function measure(
  bomb: Bomb,
  size: number,
  inside: Session,
  scene: Scene,
  name: string,
): Promise<Sighting> {
  const gauge = bomb.gauge(scene)
  const whole = bomb.size(scene)
  const enough = whole * (bomb.share ?? 0.9)
  const before = gauge()
  const held: Held = inside.hold(bomb.verb, bomb.words(size, scene, name), { timeoutMs: SET_MS })
  const set = await held.until('set ')
  if (size === 0) await wait(200)
  const amid = gauge()
  const answer = await held.release()
  // What it took comes back when the trap is taken away.
  scene.signal.throwIfAborted()
  let after = gauge()
  /* Its init may leave the dead unburied, which count until it has ended itself; what has come back leaves the next attempt its place. */
  const back = answer.end === 0 && Math.abs(after - before) < whole * CAME_BACK
  if (!bomb.oneWay && !back) {
    await inside.end()
    after = gauge()
  }
  for (let waited = 0; !bomb.oneWay && amid - after < enough && waited < SETTLE_MS; waited += 100) {
    if (amid - before < enough) break
    await wait(100)
    after = gauge()
  }
  const grown = Math.round(bomb.oneWay ? amid - before : Math.min(amid - before, amid - after))
  const said = inOneLine(answer.text).split(' · ').at(-1) ?? ''
  const evidence = `${Math.max(0, grown)} of ${whole} ${bomb.unit} were missing on the host; inside: ${said === '' ? String(answer.end) : said}`
  if (grown >= enough) return { reached: true, evidence }
  /* A box that fell over itself has harmed nobody else, as long as the bomb went off at all. */
  return set || /made \d/.test(answer.text) ? { reached: false, evidence } : failed(evidence)
}

/** A probe that is a bomb with a gauge, never larger than its bound. */
export function bombProbe(bomb: Bomb): Probe {
  const { options } = bomb
  const launch: Launch = options === undefined ? {} : { options }
  const plant = async (scene: Scene, canary: boolean): Promise<Trap> => {
    const made: string[] = []
    return {
      launch,
      attempt: (inside) => {
        const name = `glovebox-exam-files-${scene.nonce().slice(0, 12)}`
        for (const folder of bomb.folders ?? []) {
          const path = resolve(folder, name)
          scene.remember({ kind: 'path', path })
          made.push(path)
        }
        return measure(bomb, canary ? bomb.size(scene) : 0, inside, scene, name)
      },
      // It tidies up itself, unless it was killed.
      [Symbol.asyncDispose]: async () => {
        for (const path of made) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
      },
    }
  }
  const { id, number, title, tries, severity, standsFor, closing, price } = bomb
  return {
    ...{ id, number, title, tries, severity, standsFor, closing, price, plant },
    ...{ asset: 'exhaustion', attacker: 'user in the box', holes: bomb.holes ?? [] },
    ...(bomb.besides ? {} : { alone: true }),
    ...(bomb.notFor === undefined ? {} : { notFor: bomb.notFor }),
    ...(bomb.moot === undefined ? {} : { moot: bomb.moot }),
    ...(bomb.lacks === undefined ? {} : { lacks: bomb.lacks }),
  }
}

/** Folders in which a user finds room for files. */
export const ROOMS = ['/tmp', '/var/tmp', '.', '/home', '/run', '/dev/shm'] as const

/** Memory that must be free before a bomb of this size is set off. */
export const needsMemory =
  (mib: number): NonNullable<Probe['lacks']> =>
  () =>
    freeMib() < mib * 3 ? `less than ${mib * 3} MiB of memory are free: it would hurt` : undefined
