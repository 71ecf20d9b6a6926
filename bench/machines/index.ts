import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ENGINES } from '../../src/engine/index.ts'
import type { EngineName, Glovebox } from '../../src/sdk.ts'
import type { Row } from '../statistics.ts'
import { Watch } from '../watch.ts'
import { type Bench, bootCount, bootRows, launcherOf, type Side } from './boot.ts'
import { disposalRows } from './disposal.ts'
import { Hand } from './hand.ts'
import { memoryRows } from './memory.ts'
import { makePrograms } from './programs.ts'
import { steadyRows } from './steady.ts'
import { warmRows } from './warm.ts'

export interface MachineOptions {
  readonly runs: number
  /** Of the parts below; all where absent. */
  readonly parts?: readonly string[]
  readonly engines?: readonly string[]
  /** How many boots are counted. */
  readonly boots: number
}

type Part = (bench: Bench, side: Side) => Promise<Row[]>

/** The rows of virtual machines, each as soon as it is measured. */
export async function* machineRows(
  glovebox: Glovebox,
  folder: string,
  { runs, parts, engines, boots }: MachineOptions,
): AsyncGenerator<Row, void> {
  const programs = await makePrograms(glovebox, folder)
  const bench = { glovebox, watch: new Watch(folder), programs, launcher: launcherOf(), folder, runs }
  const all: Readonly<Record<string, Part>> = {
    boot: bootRows,
    steady: steadyRows,
    memory: memoryRows,
    disposal: disposalRows,
    warm: warmRows,
    count: (own, side) => bootCount(own, side, boots),
  }
  for (const part of parts ?? Object.keys(all)) {
    const measure = all[part]
    if (measure === undefined) throw new Error(`There is no part ${part}: ${Object.keys(all).join(', ')}`)
    for (const engine of machineEngines(engines)) {
      const own = join(folder, `${part}-${engine}`)
      mkdirSync(own, { mode: 0o755 })
      const dry = await glovebox.boxes.plan({
        engine,
        image: programs.image,
        command: ['true'],
        terminal: false,
      })
      yield* await measure({ ...bench, folder: own }, { engine, dry, hand: new Hand(dry, programs, own) })
    }
  }
}

function machineEngines(asked: readonly string[] | undefined): EngineName[] {
  const machines = Object.values(ENGINES).filter(({ machine }) => machine !== undefined)
  const names = machines.map(({ name }) => name)
  return names.filter((name) => asked?.includes(name) ?? true)
}
