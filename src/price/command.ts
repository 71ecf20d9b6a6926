import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Session, SessionLost } from '../exam/session.ts'
import type { Stage } from '../exam/stage.ts'
import type { Plan } from '../plan/types.ts'
import { type Filling, NoRun, runWorkload } from './ask.ts'
import { COMMAND } from './kinds.ts'
import type { Figure } from './result-types.ts'
import { figureFrom, type Rounds, type Runs } from './rounds.ts'

export interface CommandFigure {
  readonly figure: Figure
  readonly warnings: readonly string[]
}

const UNTRUSTED =
  'Your command ran in the box alone, as the bare host has no wall around it: with --trust it runs there, too, and gets a ratio.'

/** Milliseconds until the program speaks from the image's files. */
const START_MS = 30_000

/** A command of the user's. */
export interface AskedCommand {
  readonly words: readonly string[]
  /** The user trusts it and its image, and says so: only then it runs on the bare host, too. */
  readonly trusted: boolean
}

/**
 * The user's command in a box that runs and, where it is trusted, on the bare host over the same image's files, so by the same program,
 * libraries and data (guest/price/root.c), with no wall around it. Else, and where that cannot be had, the box has its figure alone.
 */
export async function measureCommand(
  stage: Stage,
  plan: Plan,
  box: Session,
  { words: command, trusted }: AskedCommand,
  rounds: Rounds,
): Promise<CommandFigure> {
  if (!trusted) return { figure: await both(box, undefined, command, rounds), warnings: [UNTRUSTED] }
  const bare = await overImage(stage, plan)
  if (bare instanceof SessionLost)
    return {
      figure: await both(box, undefined, command, rounds),
      warnings: [`The bare host cannot run it over the image’s files: ${bare.message}.`],
    }
  await using host = bare
  return { figure: await both(box, host, command, rounds), warnings: [] }
}

async function overImage(stage: Stage, { image, process: own }: Plan): Promise<Session | SessionLost> {
  const folder = join(stage.scene.folder, 'image')
  mkdirSync(folder, { recursive: true })
  try {
    return await Session.start({
      argv: [stage.programs.guest, 'probe', 'price-root', folder, ...image.trees],
      env: own.env,
      startMs: START_MS,
      signal: stage.scene.signal,
    })
  } catch (error) {
    if (error instanceof SessionLost) return error
    throw error
  }
}

/** In turns; who is first alternates, and the box begins: what ends with another code anywhere is told of it. */
async function both(
  box: Session,
  host: Session | undefined,
  command: readonly string[],
  { rounds, runMs }: Rounds,
): Promise<Figure> {
  const values: Runs & { reason?: string } = { box: [], bare: [] }
  try {
    await checkProgram(box, host, command[0] ?? '')
    const inBox = async () => values.box.push(await once(box, command, runMs))
    const onHost = async () => host !== undefined && values.bare.push(await onceBare(host, command, runMs))
    for (let run = 0; run < rounds; run++)
      for (const one of run % 2 === 0 ? [inBox, onHost] : [onHost, inBox]) await one()
  } catch (error) {
    if (!(error instanceof NoRun)) throw error
    values.reason = error.message
  }
  return figureFrom(COMMAND, values)
}

const NO_FILLING: Filling = { folder: '' }

/** Milliseconds. @throws NoRun where it does not end with 0 */
async function once(session: Session, command: readonly string[], runMs: number): Promise<number> {
  const { batches, nanoseconds, check } = await runWorkload(
    session,
    { words: ['price-command', ...command] },
    runMs,
    NO_FILLING,
  )
  if (check !== '0') throw new NoRun(`it ended with ${check}`)
  return nanoseconds / batches / 1e6
}

async function onceBare(host: Session, command: readonly string[], runMs: number): Promise<number> {
  try {
    return await once(host, command, runMs)
  } catch (error) {
    throw error instanceof NoRun ? new NoRun(`on the bare host ${error.message}`) : error
  }
}

/** @throws NoRun where the name is no program, or another one on the host */
async function checkProgram(box: Session, host: Session | undefined, name: string): Promise<void> {
  const inside = await which(box, name)
  if (inside === undefined) throw new NoRun(`the image has no program ${name}`)
  if (host !== undefined && inside !== (await which(host, name)))
    throw new NoRun(`${name} is another program on the bare host`)
}

/** The file that the name stands for there, by its hash. */
async function which(session: Session, name: string): Promise<string | undefined> {
  const { text } = await session.ask('price-which', [name], { timeoutMs: 60_000 })
  return /^hash ([0-9a-f]{16})\n$/.exec(text)?.[1]
}
