import { sight } from '../../controls.ts'
import { jailPlace, withoutJail } from '../../jail-place.ts'
import type { Scene } from '../../scene.ts'
import { type Session, SessionLost } from '../../session.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { Place, Probe, Sighting, Trap } from '../../types.ts'

/** What differs between the batteries: which probes of the catalogue are carried out in the jail. */
export interface Battery
  extends Pick<Probe, 'id' | 'title' | 'severity' | 'closing' | 'price' | 'holes' | 'notFor'> {
  readonly what: string
  readonly probes: readonly Probe[]
}

interface Member {
  readonly probe: Probe
  readonly trap: Trap
}

/** Traps that need a start of another kind than a jail has are left out. */
const fits = ({ trap: { launch } }: Member): boolean =>
  launch === undefined || !(launch.terminal || launch.root || launch.within || launch.image || launch.options)

async function tryOne(member: Member, session: Session, place: Place): Promise<Sighting> {
  const { launch } = member.trap
  try {
    if (launch === undefined) return await sight(member.trap, session, place)
    await using own = await place.open(launch)
    return await sight(member.trap, own, place)
  } catch (error) {
    if (error instanceof SessionLost) return failed(error.message)
    throw error
  }
}

async function tryAll(members: readonly Member[], session: Session, place: Place): Promise<Sighting> {
  const reached: string[] = []
  let tried = 0
  for (const member of members.filter(fits)) {
    if (member.probe.notFor?.(place.subject) !== undefined) continue
    if (!session.alive) return failed('the session ended amid its probes')
    const sighting = await tryOne(member, session, place)
    tried++
    if (sighting.reached) reached.push(`${member.probe.title} (${sighting.evidence})`)
    if (place.kind !== 'box' && reached.length > 0) break // a control has shown what it is to show
  }
  if (tried === 0) return failed('none of its probes can be carried out there')
  return reached.length > 0
    ? { reached: true, evidence: inOneLine(`${reached.length} of ${tried}: ${reached.join('; ')}`) }
    : {
        reached: false,
        evidence: `${tried === 1 ? 'its probe' : `its ${tried} probes`} came to nothing in the jail`,
      }
}

/**
 * Assumes that the first wall has fallen: probes of the catalogue are carried out by a program that stands in the place of the
 * virtual machine monitor, in its jail (src/exam/jail-place.ts).
 */
export function brokenMonitor({ what, probes, notFor, ...words }: Battery): Probe {
  const plant = async (scene: Scene, canary: boolean): Promise<Trap> => {
    await using planted = new AsyncDisposableStack()
    const members: Member[] = []
    for (const probe of probes)
      if (!probe.alone && probe.lacks?.(scene.host) === undefined)
        members.push({ probe, trap: planted.use(await probe.plant(scene, canary)) })
    const kept = planted.move()
    return {
      attempt: async (inside, place) => {
        if (place.kind !== 'box' || place.subject.kind !== 'engine') return tryAll(members, inside, place)
        const jail = jailPlace(place.subject, scene.signal)
        await using session = await jail.open()
        return await tryAll(members, session, jail)
      },
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    }
  }
  return {
    ...words,
    ...{ number: 127, asset: 'machine', attacker: 'root in the box', alone: true, attempts: 1 },
    tries: `Assumes that the first wall fell: a program in the place of the virtual machine monitor, in its very jail, carries out the catalogue’s probes of ${what}. The first that reaches its canary is the finding.`,
    standsFor: ['escapes from virtual machine monitors, such as CVE-2015-3456 and CVE-2019-14378'],
    notFor: (subject) => withoutJail(subject) ?? notFor?.(subject),
    plant,
  }
}

/** The holder has more rights than the sentry in it: what it cannot reach, the sentry cannot; not the other way round. */
export const notInHolder: NonNullable<Probe['notFor']> = (subject) =>
  subject.kind === 'engine' && subject.engine === 'gvisor'
    ? 'the filter of gVisor’s sentry forbids execve(2), so no program can stand in its very place; the holder around it has other rights'
    : undefined
