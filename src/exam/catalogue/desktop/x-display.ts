import { existsSync, rmdirSync, rmSync } from 'node:fs'
import type { ExamHost } from '../../host.ts'
import { openHost } from '../../host-session.ts'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import type { Sighting, Trap } from '../../types.ts'
import { inUserSession } from './session-environment.ts'
import { startWitness } from './witness-program.ts'

const SOCKETS = '/tmp/.X11-unix'

/** An X server of the exam's own, without a screen, that lets everybody in: whoever reaches it has reached it. */
export interface Display extends AsyncDisposable {
  /** Its sockets, as the probe program's verbs take them. */
  readonly path: string
  readonly abstract: string
  /** Both, to be tried in turn. */
  readonly any: string
  /** As a user's programs find it. */
  readonly env: Readonly<Record<string, string>>
  /** The probe program on the host, where it plays the user's own X clients. */
  readonly user: Session
}

/** Numbers that no user's display has, few enough for a TCP port (6000 + number), which some servers insist on. */
const displayNumber = (scene: Scene): number => 10_000 + (scene.number() % 40_000)

export async function startDisplay(scene: Scene): Promise<Display> {
  await using stack = new AsyncDisposableStack()
  const number = displayNumber(scene)
  const path = `${SOCKETS}/X${number}`
  if (existsSync(path)) return startDisplay(scene)
  if (!existsSync(SOCKETS)) stack.defer(() => removeEmpty(SOCKETS))
  scene.remember({ kind: 'path', path })
  stack.defer(() => rmSync(path, { force: true })) // a server that was killed leaves it
  // Xserver(1): -ac no access control, -noreset properties stay when the last client goes, -displayfd says when it listens.
  const options = ['-screen', '0', '640x480x24', '-ac', '-noreset', '-nolisten', 'tcp', '-displayfd', '1']
  stack.use(await startWitness(['Xvfb', `:${number}`, ...options]))
  const user = stack.use(await openHost(scene, 20_000))
  const abstract = `@${path}`
  const kept = stack.move()
  return {
    ...{ path, abstract, any: `${path},${abstract}`, user },
    env: { DISPLAY: `:${number}` },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Where there is none on this machine, the server has made it. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // another server has come since
  }
}

/** A trap on a display of its own, so that probes do not hear each other's keys. */
export async function plantDisplay(
  scene: Scene,
  prepare: (display: Display) => Promise<(inside: Session) => Promise<Sighting>>,
): Promise<Trap> {
  await using stack = new AsyncDisposableStack()
  const display = stack.use(await startDisplay(scene))
  const attempt = await prepare(display)
  const kept = stack.move()
  return {
    attempt: (inside, place) => inUserSession(inside, place, display.env, attempt),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** What {@link startDisplay} needs of the machine. */
export const lacksDisplay = (host: ExamHost): string | undefined =>
  host.tool('Xvfb') === undefined
    ? 'this machine has no X server for tests: sudo apt-get install xvfb'
    : undefined
