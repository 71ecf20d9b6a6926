import { ENGINES } from '../../../engine/index.ts'
import { type Guest, type GuestOptions, openGuest } from '../../guest-place.ts'
import { openHost } from '../../host-session.ts'
import type { Scene } from '../../scene.ts'
import type { Answer } from '../../session.ts'
import type { EngineSubject, Place, Subject } from '../../types.ts'

/** What one boot of an attacker's guest has found; hostile. */
export interface Survey {
  readonly devices: Answer
  readonly firmware: Answer
  readonly backdoor: Answer
  readonly nested: Answer
  readonly hostFiles: Answer
}

/**
 * How a machine is booted: `own` as boxes of the subject have it; `open` with everything that is looked for put in on purpose;
 * `tight` with what a machine of its kind may have of it explicitly taken out.
 */
export type Build = 'own' | 'open' | 'tight'

/** The canaries of the open machine. */
export interface Canaries {
  readonly nonce: string
  /** A folder of the host with a file `canary` that holds the nonce. */
  readonly folder: string
}

/** Why a subject has no guest that could be asked. */
export function withoutGuest(subject: Subject): string | undefined {
  if (subject.kind === 'engine' && ENGINES[subject.engine].machine !== undefined) return undefined
  return 'it is no virtual machine of ours, whose guest could be taken over on purpose'
}

export function withoutPc(subject: Subject): string | undefined {
  const why = withoutGuest(subject)
  if (why !== undefined) return why
  return subject.kind === 'engine' && subject.engine === 'uml'
    ? 'User-Mode Linux has no hardware: no ports, no firmware and no processor of its own'
    : undefined
}

/** The controls are machines too: a probe of a machine finds nothing where there is none. */
export const buildFor = (place: Place, canary: boolean): Build =>
  place.kind === 'box' ? 'own' : canary ? 'open' : 'tight'

/** Machines that take seconds to boot, each asked once an exam for all that the probes want to know. */
const surveys = new WeakMap<Scene, Map<string, Promise<Survey>>>()
const queues = new WeakMap<Scene, Promise<unknown>>()

/** @throws SessionLost where the machine does not boot */
export function survey(
  scene: Scene,
  subject: EngineSubject,
  build: Build,
  canaries: Canaries,
): Promise<Survey> {
  const known = surveys.get(scene) ?? new Map<string, Promise<Survey>>()
  surveys.set(scene, known)
  const name = `${subject.name} ${build}`
  const found = known.get(name)
  if (found !== undefined) return found
  /* One after the other: two emulated machines at once have half of the processor each. */
  const turn = (queues.get(scene) ?? Promise.resolve()).then(() => ask(scene, subject, build, canaries))
  known.set(name, turn)
  queues.set(
    scene,
    turn.catch(() => undefined),
  )
  return turn
}

async function ask(
  scene: Scene,
  subject: EngineSubject,
  build: Build,
  { nonce, folder }: Canaries,
): Promise<Survey> {
  await using guest = await bootGuest(scene, subject, optionsOf(subject, build, nonce, folder))
  const { session } = guest
  return {
    devices: await session.ask('list-devices'),
    firmware: await session.ask('fw-cfg'),
    backdoor: await session.ask('backdoor'),
    nested: await session.ask('nested'),
    hostFiles: await session.ask('mount-read', ['hostfs', 'none', folder, 'canary']),
  }
}

export type Holes = Omit<GuestOptions, 'counterKhz'>

/** The guest, with the rate of this processor's counter measured outside, as its monitor does it. */
export async function bootGuest(scene: Scene, subject: EngineSubject, holes: Holes): Promise<Guest> {
  await using outside = await openHost(scene)
  const { text } = await outside.ask('counter')
  const counterKhz = String(Number.parseInt(text, 10) || 0)
  return openGuest(subject, { ...holes, counterKhz }, scene.signal)
}

function optionsOf({ engine }: EngineSubject, build: Build, nonce: string, folder: string): Holes {
  if (build === 'own') return {}
  if (engine === 'uml') return build === 'tight' ? {} : { holes: ['ubd2=/machine/empty'], folder: folder }
  const bus = engine === 'vm' ? 'pci' : 'device'
  /* The machine `microvm` has no such port, nor a word for it. */
  const port = (state: 'on' | 'off') => (engine === 'vm' ? { machine: `vmport=${state}` } : {})
  if (build === 'tight') return { ...port('off'), processor: 'vmx=off,svm=off' }
  return {
    ...port('on'),
    processor: 'svm=on',
    holes: [
      ...['-fw_cfg', `name=opt/${nonce},string=${nonce}`],
      ...['-blockdev', 'driver=null-co,node-name=canary,read-zeroes=on'],
      ...['-device', `virtio-blk-${bus},drive=canary`],
    ],
  }
}
