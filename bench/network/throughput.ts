import type { EngineName } from '../../src/sdk.ts'
import { median, type Row } from '../statistics.ts'
import { inTurn, type Sample, sample, spread, type Try } from './sample.ts'
import { attachByHand, type BoxSide, FAR, type HandPasta, startBox, type World } from './sides.ts'

const LEAST = 0.95
const MIB = 2 ** 20

const tries = (mode: Try['mode'], counts: readonly number[]): Try[] =>
  counts.flatMap((connections) =>
    [FAR.four, FAR.six].map((address) => ({ mode, address, number: 1, connections })),
  )
const ALL: readonly Try[] = [...tries('up', [1, 4]), ...tries('down', [1, 4]), ...tries('udp-both', [1])]

const said = ({ mode, address, connections }: Try): string => {
  const [protocol, way] = mode === 'udp-both' ? ['UDP', 'there and back'] : [`TCP x${connections}`, mode]
  return `${protocol} ${way}, IPv${address.includes(':') ? 6 : 4}`
}

/** A box against pasta alone: as it is, and with the box's own congestion control, of which the quicker counts. */
export async function* throughputRows(
  world: World,
  engines: readonly EngineName[],
  runs: number,
): AsyncGenerator<Row, void> {
  await using plain = await attachByHand(world.lab)
  await using reno = await attachByHand(world.lab, ['net.ipv4.tcp_congestion_control=reno'])
  for (const engine of engines) {
    await using box = await startBox(world, engine)
    for (const one of ALL) yield* await compare(world, engine, box, { plain, reno }, one, runs)
  }
}

type Hands = Readonly<Record<'plain' | 'reno', HandPasta>>

async function compare(
  world: World,
  engine: EngineName,
  box: BoxSide,
  hands: Hands,
  one: Try,
  runs: number,
): Promise<Row[]> {
  const found = await inTurn(
    {
      plain: () => sample(world, hands.plain, one, hands.plain.pasta),
      reno: () => sample(world, hands.reno, one, hands.reno.pasta),
      box: () => sample(world, box, one, box.pasta),
    },
    runs,
  )
  const rate = (samples: readonly Sample[]): number[] => samples.map(({ first }) => first / MIB)
  const [a, b, c] = [rate(found.plain), rate(found.reno), rate(found.box)]
  const best = Math.max(median(a), median(b))
  const lost =
    one.mode === 'udp-both'
      ? `; lost ${[found.plain, found.box].map((samples) => (median(samples.map(({ second }) => second)) / 1e4).toFixed(0)).join(' and ')} %`
      : ''
  const cut = Object.entries(found).flatMap(([side, samples]) => {
    const failed = samples.filter(({ first }) => first === 0).length
    return failed > 0 ? [`; ${failed} of ${side} were cut`] : []
  })
  const goal = engine === 'container' ? { least: LEAST } : {}
  const detail = `${spread(c)} / ${spread(a)} and with reno ${spread(b)} MiB/s${lost}${cut.join('')}`
  const name = `${engine}: ${said(one)}: a box / pasta alone`
  const speed: Row = { name, value: median(c) / best, ...goal, detail }
  return engine === 'container' ? [speed, cpuRow(`${name}, CPU`, found)] : [speed]
}

/** CPU for each byte, of client, server and pasta: what the machine's other users have no part in. */
function cpuRow(name: string, found: Readonly<Record<'plain' | 'reno' | 'box', readonly Sample[]>>): Row {
  const each = (samples: readonly Sample[]): number[] =>
    samples.map(({ first, cpuMs }) => (first > 0 ? cpuMs / (first / (1024 * MIB)) : cpuMs))
  const [a, b, c] = [each(found.plain), each(found.reno), each(found.box)]
  const best = Math.min(median(a), median(b))
  const detail = `${spread(c)} / ${spread(a)} and with reno ${spread(b)} ms for each GiB`
  return { name, value: median(c) / best, most: 1 / LEAST, detail }
}
