import { cpus } from 'node:os'
import { openHost } from '../../host-session.ts'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import { failed } from '../../sightings.ts'
import type { Launch, Sighting, Trap } from '../../types.ts'
import { BOUNDS } from './bounds.ts'

/** Slower by more than this is a loss that others notice; fair shares of a few busy programs stay below. */
const FACTOR = 3
const ROUNDS = 8

/** Microseconds that one fixed work takes on average: the scheduler lends a newcomer some time, and takes it back. */
async function neighbour(outside: Session): Promise<number> {
  const { text } = await outside.ask('work', [String(ROUNDS)], { timeoutMs: 60_000 })
  const rounds = text
    .split('\n')
    .map(Number)
    .filter((one) => one > 0)
  return rounds.length === 0 ? 0 : rounds.reduce((all, one) => all + one, 0) / rounds.length
}

async function tryOnce(inside: Session, outside: Session, burners: number): Promise<Sighting> {
  const before = await neighbour(outside)
  const held = inside.hold('bomb-cpu', [String(burners), String(BOUNDS.burnMs)])
  if (!(await held.until('set '))) return failed('it did not begin')
  const amid = await neighbour(outside)
  await held.release()
  const ratio = before === 0 ? 0 : amid / before
  const evidence = `a neighbour's fixed work took ${(amid / 1000).toFixed(0)} ms instead of ${(before / 1000).toFixed(0)} ms: ${ratio.toFixed(1)} times`
  return { reached: ratio > FACTOR, evidence }
}

/** Burns in the box, and measures a neighbour on the host, whose loss decides. */
export async function plantBurners(scene: Scene, canary: boolean, launch: Launch = {}): Promise<Trap> {
  const outside = await openHost(scene)
  return {
    launch,
    attempt: (inside) => tryOnce(inside, outside, canary ? BOUNDS.burners * cpus().length : 0),
    [Symbol.asyncDispose]: () => outside.end(),
  }
}
