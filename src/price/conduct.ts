import { randomBytes } from 'node:crypto'
import { dryRun, readyBoxParts } from '../box/boxes.ts'
import type { BoxContext } from '../box/context.ts'
import { ENGINES } from '../engine/index.ts'
import { examFolders } from '../exam/folders.ts'
import { hostRecord, subjectRecord } from '../exam/record.ts'
import { openStage, type Stage } from '../exam/stage.ts'
import { engineSubject, ownCommand } from '../exam/subject.ts'
import type { EngineSubject } from '../exam/types.ts'
import { VERSION } from '../host/build-info.ts'
import type { OnProgress } from '../image/types.ts'
import type { EngineName, Plan } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { Policy } from '../policy/types.ts'
import { metricsOf } from './kinds.ts'
import { busyWarnings, othersBusy, readTicks } from './load.ts'
import type { PriceResult, SideResult } from './result-types.ts'
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
  const { command, quick = false, onStep = () => undefined } = options
  const signal = options.signal ?? new AbortController().signal
  context.checkPrograms()
  const startedAt = new Date().toISOString()
  await using stage = openStage({
    journals: examFolders(context.paths.state).journals,
    ...{ guest: context.guest, glovebox: ownCommand(), signal },
  })
  const subjects = enginesIn(options).map((engine) => subjectOf(engine, options))
  for (const subject of subjects) await readyAll(context, subject, options.onProgress)
  const sides: SideResult[] = []
  for (const [at, subject] of subjects.entries()) {
    signal.throwIfAborted()
    sides.push(
      await oneSide(context, stage, subject, {
        ...{ quick, command },
        onStep: (what) => onStep(subject.name, what, at, subjects.length),
      }),
    )
  }
  const result: PriceResult = {
    ...{ version: 1, id: randomBytes(6).toString('hex'), startedAt, endedAt: new Date().toISOString() },
    ...{ glovebox: VERSION, host: hostRecord(), quick },
    ...(command === undefined ? {} : { command }),
    metrics: metricsOf(command !== undefined),
    sides,
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
  how: { quick: boolean; command: readonly string[] | undefined; onStep: (what: string) => void },
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

const isEmulated = ({ machine }: Plan): boolean => machine?.accelerator === 'tcg'
