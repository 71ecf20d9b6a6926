import { mkdirSync, rmSync } from 'node:fs'
import { barePlace, boxPlace } from '../exam/place.ts'
import { type Session, SessionLost } from '../exam/session.ts'
import type { Stage } from '../exam/stage.ts'
import type { EngineSubject } from '../exam/types.ts'
import { LINK } from '../plan/link.ts'
import type { Plan } from '../plan/types.ts'
import { type Filling, NoRun, runWorkload } from './ask.ts'
import { checkClock } from './clock.ts'
import { type AskedCommand, measureCommand } from './command.ts'
import { measureGrowth } from './growth.ts'
import { COMMAND } from './kinds.ts'
import type { Figure, SideResult } from './result-types.ts'
import { figureFrom, type Rounds, runRounds, type Values } from './rounds.ts'
import { measureStarts, type StartCounts } from './start.ts'
import { DISTURBANCE } from './statistics.ts'
import { WORKLOADS, type Workload } from './workloads.ts'

/** How much is run. */
export interface Effort extends Rounds {
  readonly starts: StartCounts
  /** Boxes side by side, for the growth of memory. */
  readonly boxes: number
}

export const FULL: Effort = { rounds: 15, runMs: 60, starts: { warm: 10, cold: 5, resumed: 5 }, boxes: 5 }
export const QUICK: Effort = { rounds: 9, runMs: 25, starts: { warm: 3, cold: 2, resumed: 2 }, boxes: 3 }

export interface SideAsk {
  readonly subject: EngineSubject
  readonly plan: Plan
  readonly effort: Effort
  readonly command: AskedCommand | undefined
  readonly noResume: string | undefined
  readonly onStep: (what: string) => void
}

type Measured = Pick<SideResult, 'figures' | 'warnings' | 'disturbance'>

/** Folder of a box that it may write in. */
const FOLDER_IN_BOX = '/tmp'

/** Measures one technology beside the bare host. */
export async function measureSide(stage: Stage, ask: SideAsk): Promise<Measured> {
  const { subject, plan, effort, noResume, onStep } = ask
  const { signal } = stage.scene
  await using host = await barePlace(stage.programs, subject).open()
  const starts = await measureStarts(stage, {
    ...{ subject, plan, host, noResume },
    ...{ counts: effort.starts, onStart: onStep },
  })
  signal.throwIfAborted()
  const growth = await measureGrowth(host, boxPlace(stage.programs, subject), {
    boxes: effort.boxes,
    onBox: (number) => onStep(`memory, box ${number} of ${effort.boxes}`),
  })
  signal.throwIfAborted()
  const inside = await measureInside(stage, ask, host)
  return { ...inside, figures: [...starts, growth, ...inside.figures] }
}

/** A box with a way to one server on this machine; without it where that is not to be had. */
async function openBox(
  stage: Stage,
  { subject }: SideAsk,
  port: number,
): Promise<{ session: Session; filling: Filling; noNetwork?: string }> {
  const place = boxPlace(stage.programs, subject)
  // `none` stands alone: no way to a server can be asked for beside it.
  if (subject.policy.network === 'none' && subject.options.includes('none'))
    return {
      session: await place.open(),
      filling: { folder: FOLDER_IN_BOX },
      noNetwork: 'the policy says none',
    }
  try {
    const session = await place.open({ options: ['--network', `host:${port}`] })
    return { session, filling: { folder: FOLDER_IN_BOX, server: { address: LINK.pasta.address4, port } } }
  } catch (error) {
    if (!(error instanceof SessionLost)) throw error
    return { session: await place.open(), filling: { folder: FOLDER_IN_BOX }, noNetwork: error.message }
  }
}

/**
 * Where the bare host writes: in memory where the box's writes stay there, too, as anything else would compare a memory with a disk.
 */
function writingFolder({ id, scene }: Stage, { storage }: Plan): string {
  if (storage.upper.kind !== 'tmpfs') return scene.folder
  const folder = `/dev/shm/glovebox-exam-${id}`
  scene.remember({ kind: 'path', path: folder })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** What is measured in a box that runs. */
async function measureInside(stage: Stage, ask: SideAsk, host: Session): Promise<Measured> {
  const { effort, command, onStep } = ask
  onStep('start a box for its work')
  const serving = host.hold('price-serve', ['127.0.0.1'], { timeoutMs: 3_600_000 })
  if (!(await serving.until('\n')))
    throw new Error(`the server for the network's figures did not start: ${serving.text}`)
  const port = Number(/^port (\d+)$/m.exec(serving.text)?.[1])
  try {
    const { session, filling, noNetwork } = await openBox(stage, ask, port)
    await using box = session
    await checkClock(box)
    const bare = {
      session: host,
      filling: { folder: writingFolder(stage, ask.plan), server: { address: '127.0.0.1', port } },
    }
    const values = await runRounds({ bare, box: { session: box, filling } }, WORKLOADS, effort, (done) => {
      onStep(`work, round ${done} of ${effort.rounds}`)
      stage.scene.signal.throwIfAborted()
    })
    const figures = WORKLOADS.map((workload) => figureOfWorkload(workload, values, noNetwork))
    const disturbance = await disturbanceIn(box, values, effort.runMs)
    const warnings = [...(disturbance === undefined ? [] : warnOf(disturbance))]
    if (command !== undefined) {
      onStep('your command')
      const own = await measureCommand(stage, ask.plan, box, command, effort)
      figures.push(own.figure)
      warnings.push(...own.warnings)
    }
    return { figures, warnings, ...(disturbance === undefined ? {} : { disturbance }) }
  } catch (error) {
    if (!(error instanceof SessionLost || error instanceof NoRun)) throw error
    const reason = error.message
    const lost = [...WORKLOADS, ...(command === undefined ? [] : [COMMAND])]
    return { figures: lost.map(({ id }) => ({ metric: id, state: 'not measured', reason })), warnings: [] }
  } finally {
    await serving.release()
    rmSync(`/dev/shm/glovebox-exam-${stage.id}`, { recursive: true, force: true })
  }
}

function figureOfWorkload(
  workload: Workload,
  values: ReadonlyMap<string, Values>,
  noNetwork: string | undefined,
): Figure {
  if (workload.group === 'network' && noNetwork !== undefined)
    return { metric: workload.id, state: 'not measured', reason: `it has no network: ${noNetwork}` }
  return figureFrom(workload, values.get(workload.id) ?? { box: [] })
}

/** What the empty workload takes of a batch of the others, at the most. */
async function disturbanceIn(
  box: Session,
  values: ReadonlyMap<string, Values>,
  runMs: number,
): Promise<SideResult['disturbance']> {
  const { batches, nanoseconds } = await runWorkload(box, { words: ['price-empty'] }, runMs, { folder: '' })
  const emptyNs = nanoseconds / batches
  const shares = [...values].flatMap(([metric, { batchNs }]) =>
    batchNs > 0 ? [{ share: emptyNs / batchNs, metric }] : [],
  )
  return shares.sort((a, b) => b.share - a.share)[0]
}

const warnOf = ({ share, metric }: NonNullable<SideResult['disturbance']>): string[] =>
  share < DISTURBANCE
    ? []
    : [
        `Measuring itself is ${(share * 100).toFixed(1)} % of ${metric}: its differences say less than they seem to.`,
      ]
