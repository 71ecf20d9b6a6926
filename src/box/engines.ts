import { cannotWords } from '../engine/acts.ts'
import { ENGINES } from '../engine/index.ts'
import type { Engine, Limitation } from '../engine/types.ts'
import { GloveboxError } from '../errors.ts'
import type { HostPaths } from '../host/paths.ts'
import { areCompiled, findRuntimes } from '../host/view.ts'
import { currentTools } from '../image/tools-image.ts'
import type { OnProgress } from '../image/types.ts'
import type { EngineName, Plan } from '../plan/types.ts'
import { type BoxContext, openContext } from './context.ts'
import { imagesOf } from './images.ts'
import { emulationNote, whyEmulated } from './kvm-words.ts'
import { lookAtGvisor } from './runtime.ts'
import { kvmAnswer } from './tools-survey.ts'

/** One isolation technology on this machine. */
export interface EngineStatus {
  readonly name: EngineName
  readonly summary: string
  /** What it cannot do with a box, in words. */
  readonly cannot: readonly string[]
  /** What would carry it here; of one from the tools image, undefined before that is built. */
  readonly runtime: Omit<Plan['runtime'], 'digest'> | undefined
  /** Why it does not work, and what to do; absent where it works. */
  readonly missing?: Missing
  /** What is worth knowing of it on this machine, in sentences. */
  readonly notes: readonly string[]
  /** What programs in a box may miss with this runtime. */
  readonly limitations: readonly Limitation[]
}

interface Missing {
  readonly reason: string
  readonly remedy: string
}

/** Looks at every engine; a runtime that was never tried is tried now. Nothing is built. */
export async function engineStatus(paths: HostPaths, onProgress?: OnProgress): Promise<EngineStatus[]> {
  const context = openContext(paths)
  const runtimes = findRuntimes(paths)
  const emulated = await emulation(context, onProgress)
  const engines: EngineStatus[] = []
  for (const engine of Object.values(ENGINES)) {
    const { name, summary } = engine
    const found =
      engine.runtimeFromTools === undefined ? installed(engine, runtimes) : await fromTools(context)
    const limitations = found.runtime === undefined ? [] : engine.limitations(found.runtime.version)
    const notes = engine.machine === 'cloud' ? emulated : []
    engines.push({ ...{ name, summary, cannot: cannotWords(engine) }, notes, ...found, limitations })
  }
  return engines
}

/** What is so of every machine of QEMU here: whether its processor is emulated. */
async function emulation(context: BoxContext, onProgress: OnProgress | undefined): Promise<string[]> {
  const images = imagesOf(context)
  if (!areCompiled(context.paths)) return []
  try {
    const answer = await kvmAnswer(context, currentTools(images), { onProgress })
    if (answer === undefined) return ['Whether KVM works is tried by the first box']
    return answer.kind === 'works' ? ['KVM works here'] : [emulationNote(whyEmulated(answer))]
  } catch (error) {
    if (error instanceof GloveboxError) return [error.message]
    throw error
  }
}

type Found = Pick<EngineStatus, 'runtime'> & Partial<Pick<EngineStatus, 'missing' | 'notes'>>

function installed({ runtimes: wanted }: Engine, runtimes: ReturnType<typeof findRuntimes>): Found {
  for (const name of wanted) {
    const runtime = runtimes[name]
    if (runtime !== undefined) return { runtime: { name, ...runtime } }
  }
  const reason = `${wanted.join(' and ')} are not installed`.replace(/^(\S+) are/, '$1 is')
  return { runtime: undefined, missing: { reason, remedy: 'glovebox setup' } }
}

async function fromTools(context: BoxContext): Promise<Found> {
  const images = imagesOf(context)
  if (!areCompiled(context.paths)) return { runtime: undefined, missing: NOT_COMPILED }
  try {
    const tools = currentTools(images)
    if (tools === undefined) return { runtime: undefined, notes: [NOT_BUILT] }
    const { digest: _digest, ...runtime } = await lookAtGvisor(context, images, tools)
    return runtime.platform === undefined ? { runtime, missing: NO_PLATFORM } : { runtime }
  } catch (error) {
    if (!(error instanceof GloveboxError)) throw error
    const { message, remedy = 'glovebox doctor' } = error
    return { runtime: undefined, missing: { reason: message, remedy } }
  }
}

const NOT_BUILT =
  'Its runtime comes from the tools image, which the first box builds (or: glovebox tools update)'
const NOT_COMPILED = {
  reason: "Glovebox's own programs are not compiled yet",
  remedy: 'glovebox setup',
}
const NO_PLATFORM = {
  reason: 'none of the ways in which runsc catches system calls works on this machine',
  remedy: 'glovebox doctor',
}
