import type { EngineName } from '../../src/sdk.ts'
import { median, type Row } from '../statistics.ts'
import { inTurn, type Sample, sample, spread, type Try } from './sample.ts'
import { attachByHand, FAR, type Side, startBox, type World } from './sides.ts'

const MOST = 1.05
const PINGS = 2000
const DIRECT: Side = { node: 'host', words: [] }

/** One byte there and back: the machine itself, pasta alone, and a box. */
export async function* latencyRows(
  world: World,
  engines: readonly EngineName[],
  runs: number,
): AsyncGenerator<Row, void> {
  await using hand = await attachByHand(world.lab)
  for (const engine of engines) {
    await using box = await startBox(world, engine)
    for (const mode of ['ping', 'udp-ping'] as const)
      for (const address of [FAR.four, FAR.six]) {
        const one: Try = { mode, address, number: PINGS, connections: 1 }
        const found = await inTurn(
          {
            direct: () => sample(world, DIRECT, one),
            hand: () => sample(world, hand, one, hand.pasta),
            box: () => sample(world, box, one, box.pasta),
          },
          runs,
        )
        const us = (samples: readonly Sample[]): number[] => samples.map(({ first }) => first / 1000)
        const [direct, alone, boxed] = [us(found.direct), us(found.hand), us(found.box)]
        const protocol = mode === 'ping' ? 'TCP' : 'UDP'
        yield {
          name: `${engine}: ${protocol} there and back, IPv${address.includes(':') ? 6 : 4}: a box / pasta alone`,
          value: median(boxed) / median(alone),
          ...(engine === 'container' ? { most: MOST } : {}),
          detail: `${spread(boxed, 1)} / ${spread(alone, 1)} us; without either ${spread(direct, 1)}`,
        }
      }
  }
}
