import { dryRun } from '../box/boxes.ts'
import { openContext } from '../box/context.ts'
import { boxPlace } from '../exam/place.ts'
import { Session } from '../exam/session.ts'
import type { Stage } from '../exam/stage.ts'
import type { EngineSubject } from '../exam/types.ts'
import { BOMB_BOUNDS, BOMBS } from './neighbours-bombs.ts'
import { Boxes, type Side } from './neighbours-boxes.ts'
import { measureStress, type Turns } from './neighbours-stress.ts'
import { GOOD_MS, OFFERED } from './neighbours-web.ts'
import type { NeighbourFigure, NeighbourSide, NeighboursResult, Stress } from './result-types.ts'

export interface NeighboursOptions {
  /** Two turns of 5 windows each alone and beside, in place of five of 10. */
  readonly quick: boolean
  readonly signal: AbortSignal
  readonly onStep: (side: string, what: string) => void
  /** All where absent. */
  readonly stresses?: readonly Stress[]
}

/** Where boxes, and the bare host's two processes, have room for files. */
const ROOMS = ['/tmp', '/var/tmp', '.', '/home', '/run'] as const

/**
 * Measures what bad neighbours do to good ones, after Matthews et al. (ExpCS 2007): two boxes with a web server each, and a bomb in one
 * of them; the bare host first, with two processes in place of boxes, which shows what nothing holds back. Unlike in 2007 the clients
 * are in the same box as their server, as the default policy has no network, and traffic of the network's bombs stays in their box.
 *
 * @throws the signal's reason once it is aborted
 */
export async function measureNeighbours(
  stage: Stage,
  subjects: readonly EngineSubject[],
  options: NeighboursOptions,
): Promise<NeighboursResult> {
  const sides: NeighbourSide[] = [await measureSide(bareSide(stage), options)]
  const bounds = [
    ...BOMB_BOUNDS,
    `Good: whole, true, and within ${GOOD_MS} ms of its turn, of ${OFFERED} requests a second.`,
  ]
  for (const [words, started] of Map.groupBy(subjects, startWords))
    bounds.push(`${started.map(({ name }) => name).join(', ')}: started with ${words}`)
  for (const subject of subjects) {
    const { emulated, unheld } = await planOf(subject)
    if (unheld !== undefined) bounds.push(unheld)
    sides.push(await measureSide(boxSide(stage, subject, emulated), options))
  }
  return { bounds, sides }
}

function bareSide({ programs, scene }: Stage): Side {
  const argv = [programs.probe] as const
  const { folder: cwd, signal } = scene
  const open = () => Session.start({ argv: [...argv], cwd, startMs: 10_000, signal })
  return { name: 'bare', emulated: false, folders: [scene.folder], open }
}

function boxSide({ programs }: Stage, subject: EngineSubject, emulated: boolean): Side {
  const place = boxPlace(programs, subject)
  return { name: subject.engine, emulated, folders: ROOMS, open: () => place.open() }
}

/** The options that say the policy. */
function startWords({ options, image }: EngineSubject): string {
  const at = options.indexOf('--engine')
  return [...options.filter((_, index) => at < 0 || index < at || index > at + 1), '--image', image].join(' ')
}

/** Whether its processor is emulated, and which of its limits this machine cannot hold. An engine that is not there says so when it starts. */
async function planOf(subject: EngineSubject): Promise<{ emulated: boolean; unheld?: string }> {
  const { engine, image, policy } = subject
  try {
    const { plan } = await dryRun(openContext(), {
      engine,
      image,
      policy,
      command: ['true'],
      terminal: false,
    })
    const waived = Object.entries(plan.enforcement).filter(([, how]) => how === 'waived')
    const names = waived.map(([name]) => name).join(' and ')
    const emulated = plan.machine?.accelerator === 'tcg'
    return names === ''
      ? { emulated }
      : { emulated, unheld: `${engine}: this machine does not hold ${names}: only the bombs’ own bounds do` }
  } catch (error) {
    return { emulated: false, unheld: `${engine}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function measureSide(side: Side, options: NeighboursOptions): Promise<NeighbourSide> {
  const { name, emulated } = side
  const turns: Turns = options.quick ? { turns: 2, windows: 5 } : { turns: 5, windows: 10 }
  const stresses: NeighbourFigure[] = []
  await using boxes = new Boxes(side, options.signal, () => options.onStep(name, 'start'))
  for (const bomb of BOMBS) {
    if (options.stresses?.includes(bomb.stress) === false) continue
    options.signal.throwIfAborted()
    options.onStep(name, bomb.stress)
    try {
      const [well, bad] = [await boxes.of('well'), await boxes.of('bad')]
      const figure = await measureStress({ well, bad, folders: side.folders }, bomb, turns)
      stresses.push(figure)
      if (figure.state === 'not measured') await boxes.end('well')
      if (figure.state === 'not measured' || figure.bad === undefined) await boxes.end('bad')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      stresses.push({ stress: bomb.stress, state: 'not measured', reason })
    }
    options.signal.throwIfAborted()
  }
  return { name, emulated, stresses }
}
