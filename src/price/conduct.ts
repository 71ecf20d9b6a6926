import { randomBytes } from 'node:crypto'
import { dryRun, readyBoxParts } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { ENGINES } from '../engine/index.ts'
import { GloveboxError } from '../errors.ts'
import { examFolders } from '../exam/folders.ts'
import { PROGRAM_WORD } from '../exam/place.ts'
import { hostRecord, subjectRecord } from '../exam/record.ts'
import { openStage, type Stage } from '../exam/stage.ts'
import { engineSubject, ownCommand } from '../exam/subject.ts'
import type { EngineSubject } from '../exam/types.ts'
import { VERSION } from '../host/build-info.ts'
import type { OnProgress } from '../image/types.ts'
import type { EngineName, Plan } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { Policy } from '../policy/types.ts'
import type { AskedCommand } from './command.ts'
import { metricsOf } from './kinds.ts'
import { busyWarnings, othersBusy, readTicks } from './load.ts'
import { measureNeighbours } from './neighbours.ts'
import { limitedSubject } from './neighbours-limits.ts'
import type { Metric, NeighboursResult, PriceResult, SideResult } from './result-types.ts'
import { keepPrice, priceFolder } from './results.ts'
import { FULL, measureSide, QUICK } from './side.ts'

export interface PriceOptions {
  /** `container` where none is named. */
  readonly engines?: readonly EngineName[]
  /** `base` where absent. */
  readonly image?: string
  readonly policy?: Policy
  /** The options of `glovebox run` that say this very policy. */
  readonly policyOptions?: readonly string[]
  /** Fewer and shorter runs. */
  readonly quick?: boolean
  /** Also what a bad neighbour does to a good one. */
  readonly neighbours?: boolean
  /** Also this command, of the image. */
  readonly command?: readonly string[]
  /** It and its image are trusted: it also runs on the bare host, with no wall around it. */
  readonly trust?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
  /** The side, what is measured of it, and how many sides are done. */
  readonly onStep?: (side: string, what: string, done: number, total: number) => void
}

/**
 * Measures what engines cost, one after the other, each beside the bare host.
 *
 * @throws GloveboxError what a start of a box refuses; the signal's reason once it is aborted
 */
export async function measurePrice(context: BoxContext, options: PriceOptions): Promise<PriceResult> {
  const { command, trust = false, quick = false, onStep = () => undefined } = options
  const signal = options.signal ?? new AbortController().signal
  context.checkPrograms()
  const startedAt = new Date().toISOString()
  await using stage = openStage({
    journals: examFolders(context.paths.state).journals,
    ...{ guest: context.guest, glovebox: ownCommand(), signal },
  })
  const subjects = enginesIn(options).map((engine) => subjectOf(engine, options))
  const metrics = metricsOf(command !== undefined)
  const sides: SideResult[] = []
  for (const [at, subject] of subjects.entries()) {
    signal.throwIfAborted()
    const asked = command === undefined ? undefined : { words: command, trusted: trust }
    const how = {
      quick,
      command: asked,
      onStep: (what: string) => onStep(subject.name, what, at, subjects.length),
    }
    try {
      await readyAll(context, subject, options.onProgress)
      sides.push(await oneSide(context, stage, subject, how))
    } catch (error) {
      // Of several, one that this machine cannot start does not keep the others from being measured.
      if (subjects.length === 1 || !(error instanceof GloveboxError)) throw error
      sides.push(sideWithout(subject, metrics, error.message))
    }
  }
  const result: PriceResult = {
    ...{ version: 1, id: randomBytes(6).toString('hex'), startedAt, endedAt: new Date().toISOString() },
    ...{ glovebox: VERSION, host: hostRecord(), quick },
    ...(command === undefined ? {} : { command }),
    ...{ metrics, sides },
    ...(options.neighbours ? { neighbours: await besides(stage, options, signal) } : {}),
  }
  keepPrice(priceFolder(context.paths.state), result)
  return result
}

const enginesIn = ({ engines = [] }: PriceOptions): readonly EngineName[] =>
  engines.length === 0 ? ['container'] : engines

function subjectOf(engine: EngineName, options: PriceOptions): EngineSubject {
  const { image = 'base', policy = DEFAULT_POLICY, policyOptions = [] } = options
  return engineSubject({ engine, image, policy, policyOptions, glovebox: ownCommand() })
}

/** What neighbours do, in boxes with limits where the user has said nothing of a policy. */
function besides(stage: Stage, options: PriceOptions, signal: AbortSignal): Promise<NeighboursResult> {
  const { image = 'base', policyOptions = [], quick = false, onStep = () => undefined } = options
  const subjects = enginesIn(options).map((engine) =>
    policyOptions.length === 0 ? limitedSubject(engine, image, ownCommand()) : subjectOf(engine, options),
  )
  return measureNeighbours(stage, subjects, {
    ...{ quick, signal },
    onStep: (side, what) => onStep(`neighbours of ${side}`, what, 0, 1),
  })
}

/** What takes minutes the first time is made before anything is timed. */
async function readyAll(
  context: BoxContext,
  subject: EngineSubject,
  onProgress: OnProgress = () => undefined,
): Promise<void> {
  const { engine, image, policy } = subject
  const warm = canResume(engine)
  await readyBoxParts(
    context,
    { engine, image, policy, ...(warm ? { warm } : {}) },
    { onProgress, onNotice: () => undefined },
  )
}

const canResume = (engine: EngineName): boolean => !ENGINES[engine].cannot.includes('resume')

async function oneSide(
  context: BoxContext,
  stage: Stage,
  subject: EngineSubject,
  how: { quick: boolean; command: AskedCommand | undefined; onStep: (what: string) => void },
): Promise<SideResult> {
  const began = performance.now()
  const { engine, image, policy } = subject
  const { plan } = await dryRun(context, { engine, image, policy, command: ['true'], terminal: false })
  const [idle, ticks] = [await othersBusy(), readTicks()]
  const measured = await measureSide(stage, {
    ...{ subject, plan, command: how.command, onStep: how.onStep },
    effort: how.quick ? QUICK : FULL,
    noResume: canResume(engine) ? undefined : `${engine} has no memory to go on from`,
  })
  return {
    subject: { ...(await subjectRecord(context, subject)), engine },
    emulated: isEmulated(plan),
    ...measured,
    warnings: [...busyWarnings([idle, await othersBusy()], ticks, readTicks()), ...measured.warnings],
    milliseconds: Math.round(performance.now() - began),
  }
}

/** One that could not be started. */
function sideWithout(subject: EngineSubject, metrics: readonly Metric[], reason: string): SideResult {
  const { name, engine, options, image } = subject
  const argv = ['glovebox', 'run', ...options, '--image', image, '--', PROGRAM_WORD]
  return {
    subject: { ...{ kind: 'engine', name, engine, argv }, tools: [], notes: [] },
    ...{ emulated: false, warnings: [], milliseconds: 0 },
    figures: metrics.map(({ id }) => ({ metric: id, state: 'not measured', reason })),
  }
}

const isEmulated = ({ machine }: Plan): boolean => machine?.accelerator === 'tcg'
