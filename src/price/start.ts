import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { barePlace, boxPlace } from '../exam/place.ts'
import { END_MS, type Session, SessionLost } from '../exam/session.ts'
import type { Stage } from '../exam/stage.ts'
import type { EngineSubject, Launch, Place } from '../exam/types.ts'
import { packageRoot } from '../host/build-info.ts'
import type { Plan } from '../plan/types.ts'
import { COLD, MEMORY, RESUME, START } from './kinds.ts'
import { memoryOf, processTree, REFUSED } from './memory.ts'
import type { Figure, Metric } from './result-types.ts'
import { figureFrom, type Runs } from './rounds.ts'

export interface StartCounts {
  readonly warm: number
  readonly cold: number
  readonly resumed: number
}

export interface StartAsk {
  readonly subject: EngineSubject
  readonly plan: Plan
  /** A session on the bare host. */
  readonly host: Session
  readonly counts: StartCounts
  /** Why this engine has no resumed start. */
  readonly noResume: string | undefined
  readonly onStart: (what: string) => void
}

/** One start on each side. @throws SessionLost, StillThere */
type Turn = (side: 'bare' | 'box') => Promise<number>

/** Starts on both sides, in turns, and the memory of what was started. */
export async function measureStarts(stage: Stage, ask: StartAsk): Promise<Figure[]> {
  const { counts, noResume } = ask
  const places = { bare: barePlace(stage.programs, ask.subject), box: boxPlace(stage.programs, ask.subject) }
  const memory: Runs & { reason?: string } = { box: [], bare: [] }
  const warm: Turn = async (side) => {
    const { took, bytes } = await timeStart(places[side])
    if (bytes === undefined) memory.reason = REFUSED
    else memory[side].push(bytes / 1e6)
    return took
  }
  const cold: Turn = async (side) => (side === 'bare' ? coldBare(stage, ask) : coldBox(places.box, ask))
  const resumed: Turn = async (side) =>
    (await timeStart(places[side], side === 'box' ? { options: ['--warm'] } : {})).took
  const start = await turns(START, counts.warm, warm, ask)
  return [
    start,
    await turns(COLD, counts.cold, cold, ask),
    noResume === undefined
      ? await turns(RESUME, counts.resumed, resumed, ask)
      : { metric: RESUME.id, state: 'not measured', reason: noResume },
    figureFrom(MEMORY, start.state === 'measured' ? memory : { ...memory, reason: start.reason }),
  ]
}

async function turns(metric: Metric, runs: number, turn: Turn, { onStart }: StartAsk): Promise<Figure> {
  const values: Runs & { reason?: string } = { box: [], bare: [] }
  for (let run = 0; run < runs && values.reason === undefined; run++) {
    onStart(`${metric.title} ${run + 1} of ${runs}`)
    try {
      values.bare.push(await turn('bare'))
      values.box.push(await turn('box'))
    } catch (error) {
      if (!(error instanceof SessionLost || error instanceof StillThere)) throw error
      values.reason = error.message
    }
  }
  return figureFrom(metric, values)
}

/** Milliseconds until the probe program speaks, and bytes of memory of all its processes then. */
async function timeStart(
  place: Place,
  launch: Launch = {},
): Promise<{ took: number; bytes: number | undefined }> {
  const began = performance.now()
  const session = await place.open(launch)
  const took = performance.now() - began
  const bytes = memoryOf(processTree(session.pid))
  await session.end(END_MS)
  return { took, bytes }
}

/** A copy of the program, as the one that runs is mapped and stays in memory. */
async function coldBare(stage: Stage, { subject, host }: StartAsk): Promise<number> {
  const folder = join(stage.scene.folder, 'cold')
  const copy = join(folder, basename(stage.programs.probe)) // it goes by its name
  mkdirSync(folder)
  copyFileSync(stage.programs.probe, copy)
  try {
    await evict(host, [copy])
    return (await timeStart(barePlace({ ...stage.programs, probe: copy }, subject))).took
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function coldBox(place: Place, { host, plan }: StartAsk): Promise<number> {
  await evict(host, filesOf(plan))
  return (await timeStart(place)).took
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

class StillThere extends Error {
  override readonly name = 'StillThere'
}

/** Puts files out of the page cache; what others have mapped stays. @throws StillThere */
async function evict(host: Session, paths: readonly string[]): Promise<void> {
  const { text } = await host.ask('price-evict', paths, { timeoutMs: 120_000 })
  const [, ...numbers] = /^files (\d+) bytes (\d+) kept (\d+)\n$/.exec(text) ?? []
  const [, bytes = Number.NaN, kept = Number.NaN] = numbers.map(Number)
  if (Number.isNaN(kept))
    throw new StillThere(`its files could not be put out of memory: ${text.trim().slice(0, 200)}`)
  if (bytes === 0 || kept > bytes * MOST_KEPT)
    throw new StillThere(
      `${Math.round(kept / 1e3)} of ${Math.round(bytes / 1e3)} kB of its files that this user may read stay in memory`,
    )
}
