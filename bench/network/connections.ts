import { readFileSync } from 'node:fs'
import { networkFiles } from '../../src/network/gate.ts'
import type { Row } from '../statistics.ts'
import { FAR, loadOn, PORT, PORTS, startBox, stopBox, told, type World } from './sides.ts'

const PER_SECOND = 1000
const COUNT = 10_000

interface Opened {
  readonly opened: number
  readonly failed: number
  readonly ms: number
}

interface Told {
  readonly starts: number
  readonly ends: number
  /** What the log itself says is missing. */
  readonly lost: number
}

/** Flow lines to the load's server, by what they tell of. */
function readFlows(...paths: readonly string[]): Told {
  const found = { starts: 0, ends: 0, lost: 0 }
  for (const text of paths.flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'))) {
    if (text === '') continue
    const line = JSON.parse(text) as Record<string, unknown>
    const port = Number(line['toPort'])
    if (line['event'] === 'lost') found.lost += Number(line['events'] ?? 0) + Number(line['lines'] ?? 0)
    if (port < PORT || port >= PORT + PORTS) continue
    if (line['flow'] === 'start') found.starts++
    if (line['flow'] === 'end' || line['flow'] === 'open') found.ends++
  }
  return found
}

async function openMany(world: World, perSecond: number): Promise<Opened & Told> {
  await using box = await startBox(world, 'container')
  const words = ['open', FAR.four, PORT, PORTS, COUNT, perSecond].map(String)
  const printed = await told(world.lab, box.node, ['timeout', '120', ...loadOn(world, box, words)])
  const [opened = 0, failed = 0, ms = 0] = printed.trim().split(' ').map(Number)
  await stopBox(world.lab, box.box, '10s') // a box that is killed tells nothing of its open flows
  return { opened, failed, ms, ...readFlows(...networkFiles(box.dir).flowsLog) }
}

/** Connections that the application made, against what the log of its flows tells of them. */
export async function connectionRows(world: World): Promise<Row[]> {
  const rows: Row[] = []
  for (const perSecond of [PER_SECOND, 0]) {
    const { opened, failed, ms, starts, ends, lost } = await openMany(world, perSecond)
    const rate = Math.round((opened * 1000) / ms)
    rows.push({
      name:
        perSecond > 0
          ? 'connections at 1,000 a second / start or end lines, the fewer'
          : 'the same, as fast as it can',
      value: opened / Math.min(starts, ends),
      ...(perSecond > 0 ? { most: 1 } : {}),
      detail: `${opened} in ${ms} ms, ${rate} a second, ${failed} failed; lines: ${starts} start, ${ends} end, ${lost} said to be lost`,
    })
  }
  return rows
}
