import { join } from 'node:path'
import type { DryRun, EngineName, Glovebox } from '../../src/sdk.ts'
import type { Row } from '../statistics.ts'
import type { Watch } from '../watch.ts'
import { type Case, interleave, lastWords, ratioRows, worked } from './cases.ts'
import { boxed, type Hand } from './hand.ts'
import { distributionBoot, type Programs } from './programs.ts'

/** One engine with all that its rows need. */
export interface Side {
  readonly engine: EngineName
  readonly dry: DryRun
  readonly hand: Hand
}

export interface Bench {
  readonly glovebox: Glovebox
  readonly watch: Watch
  readonly programs: Programs
  readonly launcher: string
  /** A folder of its own. */
  readonly folder: string
  readonly runs: number
}

const DEADLINE_SECONDS = 60
const upTo = (argv: readonly string[]): Case => ({ argv, deadlineSeconds: DEADLINE_SECONDS })

/** A whole `glovebox run` of a command, from exec to its end, against kernels that were started by hand. */
export function bootRows(bench: Bench, side: Side): Promise<Row[]> {
  return side.engine === 'uml' ? umlRows(bench, side) : vmRows(bench, side)
}

async function umlRows({ watch, launcher, programs, runs }: Bench, { hand }: Side): Promise<Row[]> {
  const found = await interleave(
    watch,
    {
      stock: upTo(hand.umlBoot(false)),
      tuned: upTo(hand.umlBoot(true)),
      container: upTo(boxed(launcher, 'container', programs.image, ['boot'])),
      uml: upTo(boxed(launcher, 'uml', programs.image, ['boot'])),
    },
    runs,
  )
  const { uml, stock, tuned, container } = found
  return [
    ...ratioRows('uml: a run / stock linux.uml by hand', uml, stock, 0.15),
    ...ratioRows('uml: a run less a container / tuned by hand', uml, tuned, 1.15, container),
    ...ratioRows('uml: a whole run / tuned by hand', uml, tuned, undefined),
  ]
}

async function vmRows(
  { glovebox, watch, launcher, programs, folder, runs }: Bench,
  { engine, dry, hand }: Side,
): Promise<Row[]> {
  const version = /(\d+\.\d+\.\d+.*)$/.exec(dry.plan.machine?.kernel ?? '')?.[1] ?? ''
  const boot = await distributionBoot(glovebox, folder)
  const found = await interleave(
    watch,
    {
      naive: upTo(hand.vmBoot(boot, version)),
      ours: upTo(boxed(launcher, engine, programs.image, ['boot'])),
    },
    runs,
  )
  return ratioRows(`${engine}: a run, cold / naive boot`, found.ours, found.naive, 0.6)
}

/** Boots one after the other, and counts those that did not come up. */
export async function bootCount(
  { watch, launcher, programs }: Bench,
  { engine }: Side,
  boots: number,
): Promise<Row[]> {
  const bad: string[] = []
  let hangs = 0
  for (let boot = 0; boot < boots; boot++) {
    const run = await watch.run(boxed(launcher, engine, programs.image, ['boot']), DEADLINE_SECONDS)
    if (run.hung) hangs++
    if (!worked(run)) bad.push(`boot ${boot + 1}: ${run.hung ? 'hung' : lastWords(run)}`)
  }
  const detail = bad.length === 0 ? `${boots} boots, none hung` : `${hangs} hung; ${bad.join('; ')}`
  return [{ name: `${engine}: boots of ${boots} that hung or failed`, value: bad.length, most: 0, detail }]
}

export const launcherOf = (): string => join(import.meta.dirname, '..', '..', 'bin', 'glovebox')
