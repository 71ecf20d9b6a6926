import type {
  Degradation,
  Figure,
  MeasuredFigure,
  Metric,
  NeighboursResult,
  PriceResult,
  Sample,
  SideResult,
} from '../../src/price/result-types.ts'
import { lossOf, ratioOf, summarize } from '../../src/price/statistics.ts'
import { WORKLOADS } from '../../src/price/workloads.ts'
import { examResult, subject } from './results.ts'

/* Prices made by hand, as they are measured: what reports are tried with. */

export const CALLS: Metric = {
  ...{ id: 'calls', group: 'kernel', title: 'system call', unit: 'ns', better: 'less' },
  says: 'getppid(2), by the sum of its answers.',
}
export const PIPE: Metric = {
  ...{ id: 'pipe', group: 'kernel', title: 'pipe', unit: 'MB/s', better: 'more' },
  says: 'Bytes from one process to another, by their sum at the other end.',
}
export const MEMORY: Metric = {
  ...{ id: 'memory', group: 'memory', title: 'memory of an idle box', unit: 'MB', better: 'less' },
  says: 'Proportional set size of all that makes the box.',
}

/** Ten runs around a value, alike on every machine. */
export const sampleOf = (middle: number, scatter = 0.01): Sample =>
  summarize(Array.from({ length: 10 }, (_, at) => middle * (1 + scatter * (((at * 7) % 10) / 4.5 - 1))))

export function measured(metric: Metric, box: number, bare?: number, scatter?: number): MeasuredFigure {
  const samples = { box: sampleOf(box, scatter), bare: sampleOf(bare ?? 1, scatter) }
  const ratio = ratioOf(samples.box, samples.bare, metric.better)
  return {
    ...{ metric: metric.id, state: 'measured', box: samples.box },
    ...(bare === undefined ? {} : { bare: samples.bare, ratio }),
    noisy: (scatter ?? 0) > 0.2,
  }
}

export const notMeasured = ({ id }: Metric, reason: string): Figure => ({
  ...{ metric: id, state: 'not measured', reason },
})

export function side(
  engine: SideResult['subject']['engine'],
  figures: readonly Figure[],
  parts: Partial<SideResult> = {},
): SideResult {
  return {
    subject: { ...subject([]).subject, name: engine, engine },
    ...{ emulated: false, figures, warnings: [], milliseconds: 9000 },
    ...parts,
  }
}

export function priceResult(sides: readonly SideResult[], parts: Partial<PriceResult> = {}): PriceResult {
  const { host, startedAt, endedAt } = examResult([])
  return {
    ...{ version: 1, id: 'fedcba987654', glovebox: '0.1.0', host, startedAt, endedAt, quick: false },
    metrics: [CALLS, PIPE, MEMORY],
    sides,
    ...parts,
  }
}

const degradation = (alone: number, beside: number): Degradation => {
  const samples = [sampleOf(alone), sampleOf(beside)] as const
  return { alone: samples[0], beside: samples[1], ...lossOf(...samples) }
}

export const NEIGHBOURS: NeighboursResult = {
  bounds: ['The memory bomb takes 512 MB at the most.'],
  sides: [
    {
      ...{ name: 'bare', emulated: false },
      stresses: [
        { stress: 'cpu', state: 'measured', well: degradation(1000, 480), work: '9 loops' },
        { stress: 'fork', state: 'not measured', reason: 'it would take the whole host' },
      ],
    },
    {
      ...{ name: 'vm', emulated: true },
      stresses: [
        {
          ...{ stress: 'cpu', state: 'measured', well: degradation(500, 501), work: '9 loops' },
          bad: degradation(500, 20),
        },
      ],
    },
  ],
}

/** Five sides of all workloads, with prices of the order that such technologies have. */
export function everyPrice(): PriceResult {
  made ??= makePrice()
  return made
}

/** Thousands of resamples: made once. */
let made: PriceResult | undefined

function makePrice(): PriceResult {
  const factors = { container: 1, gvisor: 4, uml: 9, microvm: 14, vm: 13 } as const
  const metrics = WORKLOADS.map(({ id, group, title, unit, better, says }) => ({
    ...{ id, group, title, unit, better, says },
  }))
  const engines = Object.keys(factors) as (keyof typeof factors)[]
  const sides = engines.map((engine) => {
    const figures = metrics.map((metric, at) => {
      if (engine === 'uml' && metric.group === 'network')
        return notMeasured(metric, 'this engine has no network that a server of the host could answer in')
      const factor = factors[engine] ** (((at * 5) % 7) / 4) * (1 + (at % 3) / 100)
      const bare = 10 + 37 * at
      return measured(
        metric,
        metric.better === 'less' ? bare * factor : bare / factor,
        bare,
        at % 5 === 4 ? 0.3 : 0.02,
      )
    })
    const boxOnly = [{ ...measured(MEMORY, 11.5 * factors[engine]) }]
    return side(engine, [...boxOnly, ...figures], { emulated: engine === 'vm' || engine === 'microvm' })
  })
  return priceResult(sides, { metrics: [MEMORY, ...metrics], neighbours: NEIGHBOURS })
}
