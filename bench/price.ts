import { ENGINE_NAMES } from '../src/plan/engine-names.ts'
import { Glovebox } from '../src/sdk.ts'
import type { Row } from './statistics.ts'

/** What of a batch may be the measuring itself: a difference below it is called equal (src/price/statistics.ts). */
const MOST_DISTURBANCE = 0.02
/** Seconds for all five technologies, with few and short runs. */
const MOST_SECONDS = 300

const PARTS: Readonly<Record<string, (glovebox: Glovebox) => Promise<Row>>> = { disturbance, all }

/** What glovebox price itself costs: the share of measuring in the shortest batch, and the seconds of a whole price. */
export async function* priceRows(parts: readonly string[] = Object.keys(PARTS)): AsyncGenerator<Row> {
  const glovebox = new Glovebox()
  for (const part of parts) {
    const measure = PARTS[part]
    if (measure === undefined) throw new Error(`no part ${part}: ${Object.keys(PARTS).join(', ')}`)
    yield await measure(glovebox)
  }
}

async function disturbance({ prices }: Glovebox): Promise<Row> {
  const { sides } = await prices.measure({ engines: ['container'], quick: true })
  const { share, metric } = sides[0]?.disturbance ?? { share: Number.NaN, metric: 'nothing' }
  return {
    ...{ name: 'price: an empty workload over the shortest batch', value: share, most: MOST_DISTURBANCE },
    detail: `${(share * 100).toFixed(3)} % of a batch of ${metric}, container`,
  }
}

async function all({ prices }: Glovebox): Promise<Row> {
  const began = performance.now()
  const { sides } = await prices.measure({ engines: ENGINE_NAMES, quick: true })
  const seconds = (performance.now() - began) / 1000
  const each = sides.map(({ subject, milliseconds, figures }) => {
    const measured = figures.filter(({ state }) => state === 'measured').length
    return `${subject.engine} ${(milliseconds / 1000).toFixed(0)} s, ${measured} of ${figures.length}`
  })
  return {
    ...{ name: 'price --quick --engine all, seconds', value: seconds, most: MOST_SECONDS },
    detail: each.join('; '),
  }
}
