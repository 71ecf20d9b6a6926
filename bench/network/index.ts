import { join } from 'node:path'
import { ENGINES } from '../../src/engine/index.ts'
import type { EngineName, Glovebox } from '../../src/sdk.ts'
import { resolverRows } from '../resolver.ts'
import type { Row } from '../statistics.ts'
import { connectionRows } from './connections.ts'
import { latencyRows } from './latency.ts'
import { manyRows } from './many.ts'
import { openWorld, type World } from './sides.ts'
import { startRows } from './start.ts'
import { throughputRows } from './throughput.ts'

export interface NetworkOptions {
  readonly runs: number
  /** Of the parts below; all where absent. */
  readonly parts?: readonly string[]
  /** `container` where absent. */
  readonly engines?: readonly string[]
}

type Part = (world: World, engines: readonly EngineName[], runs: number) => AsyncIterable<Row>

async function* listed(rows: Promise<Row[]>): AsyncGenerator<Row, void> {
  yield* await rows
}

/** The rows of a box's network, each as soon as it is measured. */
export async function* networkRows(
  glovebox: Glovebox,
  folder: string,
  { runs, parts, engines }: NetworkOptions,
): AsyncGenerator<Row, void> {
  const all: Readonly<Record<string, Part>> = {
    throughput: throughputRows,
    latency: latencyRows,
    connections: (world) => listed(connectionRows(world)),
    start: async function* (world, names, times) {
      for (const engine of names) yield* await startRows(world, engine, times)
    },
    many: (world) => listed(manyRows(world)),
    resolver: () => listed(resolverRows(join(folder, 'resolver'))),
  }
  const names = (Object.keys(ENGINES) as EngineName[]).filter((name) =>
    (engines ?? ['container']).includes(name),
  )
  await using world = await openWorld(glovebox, folder)
  for (const part of parts ?? Object.keys(all)) {
    const measure = all[part]
    if (measure === undefined) throw new Error(`There is no part ${part}: ${Object.keys(all).join(', ')}`)
    yield* measure(world, names, runs)
  }
}
