import { openHost } from '../../host-session.ts'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import { failed } from '../../sightings.ts'
import type { Probe, Sighting, Trap } from '../../types.ts'

/** Tries to have this many, gives them back at once, and says how many there were. */
async function toBeHad(session: Session, count: number): Promise<number> {
  const held = session.hold('bomb-open', ['watchers', String(count)])
  await held.until('set ')
  const { text } = await held.release()
  return Number(/set (\d+)/.exec(text)?.[1] ?? 0)
}

async function tryOnce(inside: Session, outside: Session, most: number, size: number): Promise<Sighting> {
  const half = Math.floor(most / 2)
  const before = await toBeHad(outside, half)
  const held = inside.hold('bomb-open', ['watchers', String(size)])
  const set = await held.until('set ')
  const left = await toBeHad(outside, half)
  const { text } = await held.release()
  if (!set) return failed('it did not begin')
  const evidence = `of ${half} watchers the user could have ${before} before and ${left} amid it; inside: ${text.trim().slice(0, 40)}`
  return { reached: left < before * 0.9, evidence }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const most = Number(scene.host.sysctl('fs.inotify.max_user_instances') ?? 128)
  const outside = await openHost(scene)
  return {
    attempt: (inside) => tryOnce(inside, outside, most, canary ? Math.floor(most * 0.75) : 0),
    [Symbol.asyncDispose]: () => outside.end(),
  }
}

export const watchers: Probe = {
  id: 'exhaustion-watchers',
  number: 102,
  asset: 'exhaustion',
  title: "use up the user's quota of inotify",
  tries:
    'Opens three quarters of the inotify instances that a user may have; whether a program of the user can still have half of them decides. Without any, desktops notice no change of a file.',
  attacker: 'user in the box',
  severity: 'neighbour denial of service',
  standsFor: ['inotify(7), fs.inotify.max_user_instances'],
  closing:
    'Give the box a user id of its own and a user namespace with its own quota (user.max_inotify_instances).',
  price: 'None.',
  holes: ['user'],
  alone: true,
  plant,
}
