import type { Session } from '../exam/session.ts'
import { type Filling, NoRun, runWorkload } from './ask.ts'
import { COMMAND } from './kinds.ts'
import type { Figure } from './result-types.ts'
import { figureFrom } from './rounds.ts'

export interface CommandFigure {
  readonly figure: Figure
  readonly warnings: readonly string[]
}

/**
 * The user's command in a box that runs, and on the bare host where that has the very same program: what another version of it
 * takes says nothing of the box.
 */
export async function measureCommand(
  host: Session,
  box: Session,
  command: readonly string[],
  { runs, runMs }: { readonly runs: number; readonly runMs: number },
): Promise<CommandFigure> {
  const [name = ''] = command
  const [inside, outside] = await Promise.all([which(box, name), which(host, name)])
  if (inside === undefined)
    return {
      figure: { metric: COMMAND.id, state: 'not measured', reason: `the box has no ${name}` },
      warnings: [],
    }
  const same = inside === outside
  const values: { box: number[]; bare: number[]; reason?: string } = { box: [], bare: [] }
  try {
    for (let run = 0; run < runs; run++) {
      if (same) values.bare.push(await once(host, command, runMs))
      values.box.push(await once(box, command, runMs))
    }
  } catch (error) {
    if (!(error instanceof NoRun)) throw error
    values.reason = error.message
  }
  const other = outside === undefined ? `has no ${name}` : `has another ${name}`
  return {
    figure: figureFrom(COMMAND, values),
    warnings: same
      ? []
      : [`This machine ${other} than the image: the command has no figure of the bare host.`],
  }
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

/** The file that the name stands for there, by its hash. */
async function which(session: Session, name: string): Promise<string | undefined> {
  const { text } = await session.ask('price-which', [name], { timeoutMs: 60_000 })
  return /^hash ([0-9a-f]{16})\n$/.exec(text)?.[1]
}
