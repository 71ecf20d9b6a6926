import { attempts, runControls, type SharedSessions } from './controls.ts'
import type { Programs } from './place.ts'
import type { Controls, Finding } from './result-types.ts'
import type { Scene } from './scene.ts'
import type { Place, Probe, Sighting, Subject } from './types.ts'
import { judge, type Trial } from './verdict.ts'

/** What all probes of one subject are carried out with. */
export interface Sitting {
  readonly subject: Subject
  readonly place: Place
  readonly scene: Scene
  readonly programs: Programs
  /** Sessions in the subject. */
  readonly inside: SharedSessions
  /** Sessions of the controls, and what they came to, which all subjects share. */
  readonly outside: SharedSessions
  readonly controls: Map<string, Promise<Controls>>
}

const DEFAULT_ATTEMPTS = 3

/** Carries a probe out with its controls, and judges it. What goes wrong in it is its own verdict `error`. */
export async function runProbe(probe: Probe, sitting: Sitting): Promise<Finding> {
  const began = performance.now()
  const trial = await tryProbe(probe, sitting).catch((error: unknown): Trial => {
    const evidence = error instanceof Error ? error.message : String(error)
    return { attempts: [{ reached: false, evidence, failed: true }], broken: evidence }
  })
  const { id, number, asset, title, severity, attacker } = probe
  return {
    ...{ probe: id, number, asset, title, severity, attacker },
    ...judge(trial),
    ...(trial.controls === undefined ? {} : { controls: trial.controls }),
    attempts: trial.attempts.map(({ reached, evidence, failed }) => ({
      reached,
      failed: failed === true,
      evidence,
    })),
    milliseconds: Math.round(performance.now() - began),
  }
}

async function tryProbe(probe: Probe, sitting: Sitting): Promise<Trial> {
  const { subject, scene } = sitting
  const { host } = scene
  const [notFor, lacks] = [probe.notFor?.(subject), probe.lacks?.(host)]
  if (notFor !== undefined) return { notFor, attempts: [] }
  if (lacks !== undefined) return { lacks, attempts: [] }
  const controls = await controlsOf(probe, sitting)
  const sightings = await attemptsOf(probe, sitting)
  const moot = probe.moot?.(host)
  const granted = subject.kind === 'engine' ? probe.granted?.(subject.policy) : undefined
  return {
    ...{ controls, attempts: sightings },
    ...(moot === undefined ? {} : { moot }),
    ...(granted === undefined ? {} : { granted }),
  }
}

/** Once an exam for all subjects, but for probes that set another scene for each. */
function controlsOf(
  probe: Probe,
  { subject, scene, programs, outside, controls }: Sitting,
): Promise<Controls> {
  const name = probe.controlsEach ? `${probe.id} ${subject.name}` : probe.id
  const known = controls.get(name)
  if (known !== undefined) return known
  const running = runControls(probe, subject, scene, programs, outside)
  controls.set(name, running)
  return running
}

async function attemptsOf(probe: Probe, { scene, place, inside }: Sitting): Promise<Sighting[]> {
  await using trap = await probe.plant(scene, true)
  return await attempts(trap, place, 'box', inside, probe.attempts ?? DEFAULT_ATTEMPTS)
}
