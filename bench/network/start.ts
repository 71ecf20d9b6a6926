import { median, type Row } from '../statistics.ts'
import { type Cost, cost } from './cost.ts'
import { spread } from './sample.ts'
import { emptyNamespace, LAUNCHER, pastaByHand, type World } from './sides.ts'

const OF_ATTACH = 1.2
const OF_LONGER = 1.15

/** pasta goes to the background when it is attached. What names its namespace must not be one that can do more than it. */
async function attach(world: World): Promise<Cost> {
  const holder = await emptyNamespace(world.lab)
  const words = pastaByHand().filter((word) => word !== '--foreground')
  const inside = ['nsenter', '--target', String(holder), '--user', '--']
  try {
    return await cost(world, [...inside, ...words, '--netns', `/proc/${holder}/ns/net`])
  } finally {
    await world.lab.run('host', ['pkill', '--full', `/proc/${holder}/ns/net`]).result
    await world.lab.run('host', ['sh', '-c', `kill ${holder}`]).result
  }
}

/** A whole run with a network against one without, and pasta's attaching by hand. */
export async function startRows(world: World, engine: string, runs: number): Promise<Row[]> {
  const run = (...words: string[]): string[] => [
    ...[LAUNCHER, 'run', '--engine', engine, '--image', world.image, ...words, '--', 'true'],
  ]
  const costs: Record<'none' | 'internet' | 'attach', Cost[]> = { none: [], internet: [], attach: [] }
  for (let at = 0; at < runs; at++) {
    costs.none.push(await cost(world, run()))
    costs.internet.push(await cost(world, run('--network', 'internet')))
    costs.attach.push(await attach(world))
  }
  return (['wallMs', 'cpuMs'] as const).flatMap((of) => {
    const [none, internet, alone] = [costs.none, costs.internet, costs.attach].map((all) =>
      all.map((one) => one[of]),
    ) as [number[], number[], number[]]
    const detail = `${spread(internet)} with, ${spread(none)} without, pasta ${spread(alone)} ms`
    const kind = of === 'wallMs' ? 'wall' : 'CPU'
    return [
      {
        name: `${engine}: what the network adds to a run / pasta alone, ${kind}`,
        value: (median(internet) - median(none)) / median(alone),
        most: OF_ATTACH,
        detail,
      },
      {
        name: `${engine}: a run / the longer of run and pasta, ${kind}`,
        value: median(internet) / Math.max(median(none), median(alone)),
        ...(of === 'wallMs' ? { most: OF_LONGER } : {}),
        detail,
      },
    ]
  })
}
