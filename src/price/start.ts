import { performance } from 'node:perf_hooks'
import type { Session } from '../exam/session.ts'
import { SessionLost } from '../exam/session.ts'
import type { Launch, Place } from '../exam/types.ts'
import { packageRoot } from '../host/build-info.ts'
import type { Plan } from '../plan/types.ts'
import { COLD, RESUME, START } from './kinds.ts'
import type { Figure, Metric } from './result-types.ts'
import { figureFrom } from './rounds.ts'

/** Milliseconds for a box to end in order; a machine writes its disk back. */
export const END_MS = 30_000

export interface StartCounts {
  readonly warm: number
  readonly cold: number
  readonly resumed: number
}

export interface StartAsk {
  readonly bare: Place
  readonly box: Place
  readonly plan: Plan
  /** A session on the bare host that is there already. */
  readonly host: Session
  readonly counts: StartCounts
  /** Why this engine has no resumed start. */
  readonly noResume: string | undefined
  /** The program that the bare host starts. */
  readonly program: string
  readonly onStart: (what: string) => void
}

/** Starts on both sides, in turns. */
export async function measureStarts(ask: StartAsk): Promise<Figure[]> {
  const { bare, box, counts, noResume, onStart } = ask
  const turns = async (
    metric: Metric,
    runs: number,
    launch: Launch,
    before?: (paths: readonly string[]) => Promise<void>,
  ) => {
    const values: { box: number[]; bare: number[]; reason?: string } = { box: [], bare: [] }
    for (let run = 0; run < runs && values.reason === undefined; run++) {
      onStart(`${metric.title} ${run + 1} of ${runs}`)
      try {
        await before?.([ask.program])
        values.bare.push(await timeStart(bare, {}))
        await before?.(filesOf(ask.plan))
        values.box.push(await timeStart(box, launch))
      } catch (error) {
        if (!(error instanceof SessionLost || error instanceof StillThere)) throw error
        values.reason = error.message
      }
    }
    return figureFrom(metric, values)
  }
  const figures: Figure[] = []
  figures.push(await turns(START, counts.warm, {}))
  figures.push(await turns(COLD, counts.cold, {}, (paths) => evict(ask.host, paths)))
  figures.push(
    noResume === undefined
      ? await turns(RESUME, counts.resumed, { options: ['--warm'] })
      : { metric: RESUME.id, state: 'not measured', reason: noResume },
  )
  return figures
}

/** Milliseconds until the probe program speaks. */
async function timeStart(place: Place, launch: Launch): Promise<number> {
  const began = performance.now()
  const session = await place.open(launch)
  const took = performance.now() - began
  await session.end(END_MS)
  return took
}

/** Files that a start reads: the image, the runtime or the machine's parts, and Glovebox itself. */
function filesOf({ image, runtime, machine }: Plan): string[] {
  const parts =
    machine === undefined
      ? image.trees
      : [...machine.tools.trees, machine.imageDisk, machine.emptyDisk, machine.initramfs]
  return [...parts, runtime.path, packageRoot()]
}

/** More than this share of the bytes stayed in memory. */
const MOST_KEPT = 0.5

class StillThere extends Error {}

/** Puts files out of the page cache; what others have mapped stays. */
async function evict(host: Session, paths: readonly string[]): Promise<void> {
  const { text } = await host.ask('price-evict', paths, { timeoutMs: 120_000 })
  const [, bytes = Number.NaN, kept = Number.NaN] = (
    /^files (\d+) bytes (\d+) kept (\d+)\n$/.exec(text) ?? []
  )
    .slice(1)
    .map(Number)
  if (!(kept <= bytes * MOST_KEPT))
    throw new StillThere(
      Number.isNaN(kept)
        ? `its files could not be put out of memory: ${text.trim().slice(0, 200)}`
        : `${Math.round(kept / 1e6)} of ${Math.round(bytes / 1e6)} MB of its files stay in memory`,
    )
}
