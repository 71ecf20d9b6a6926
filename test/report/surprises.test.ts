import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding, SubjectResult } from '../../src/exam/result-types.ts'
import { COMMAND, GROWTH, MEMORY, RESUME, START } from '../../src/price/kinds.ts'
import type {
  Degradation,
  Figure,
  Metric,
  NeighbourFigure,
  NeighbourSide,
  Stress,
} from '../../src/price/result-types.ts'
import { summarize } from '../../src/price/statistics.ts'
import { WORKLOADS } from '../../src/price/workloads.ts'
import type { Look } from '../../src/report/side-by-side/seen.ts'
import { LOOKS, surprisesOf } from '../../src/report/side-by-side/surprises.ts'
import * as neighbours from '../../src/report/side-by-side/surprises-neighbours.ts'
import * as prices from '../../src/report/side-by-side/surprises-price.ts'
import * as starts from '../../src/report/side-by-side/surprises-start.ts'
import * as walls from '../../src/report/side-by-side/surprises-walls.ts'
import { technologiesOf } from '../../src/report/side-by-side/technologies.ts'

import { measured, priceResult, side } from './prices.ts'
import { examResult, finding, foreign, subject } from './results.ts'

/* Each surprise holds where the data shows it, with its figures, and is silent where it does not. */

interface Given {
  readonly subjects?: readonly SubjectResult[]
  readonly sides?: readonly ReturnType<typeof side>[]
  readonly neighbours?: readonly NeighbourSide[]
  readonly command?: readonly string[]
}

const METRICS: readonly Metric[] = [START, RESUME, MEMORY, GROWTH, ...WORKLOADS, COMMAND]

function comparisonOf({ subjects = [], sides = [], neighbours: near, command }: Given) {
  const price = priceResult(sides, {
    metrics: METRICS,
    ...(near === undefined ? {} : { neighbours: { bounds: [], sides: near } }),
    ...(command === undefined ? {} : { command }),
  })
  return { version: 1, exam: examResult(subjects), price } as const
}

const figure = (id: string, box: number, bare?: number): Figure => {
  const metric = METRICS.find((one) => one.id === id)
  assert.ok(metric, id)
  return measured(metric, box, bare)
}

const engine = (name: 'container' | 'gvisor' | 'uml' | 'vm', findings: readonly Finding[]) =>
  subject(findings, { name, engine: name })
const breach = (parts: Partial<Finding> = {}) => finding({ verdict: 'breach', ...parts })
const cpu = (verdict: Finding['verdict']) =>
  finding({ probe: 'cpu', number: 50, asset: 'identity', title: 'learn the model', verdict })

const loss = (percent: number, equal = false): Degradation => ({
  ...{ alone: summarize([200]), beside: summarize([200 - 2 * percent]) },
  ...{ percent, low: percent - 5, high: percent + 5, equal },
})
const EQUAL = loss(0, true)
const near = (
  name: NeighbourSide['name'],
  stress: Stress,
  well: Degradation,
  bad?: Degradation,
): NeighbourSide => {
  const one: NeighbourFigure = { stress, state: 'measured', well, work: '1' }
  return { name, emulated: name === 'vm', stresses: [bad === undefined ? one : { ...one, bad }] }
}

const emulated = { emulated: true }

/** What it looks with, where it holds, its words, and where it must be silent. */
const TABLE: readonly [look: Look, holds: Given, words: RegExp, silent: Given][] = [
  [
    walls.asManyAssets,
    { subjects: [engine('container', [finding()]), engine('vm', [finding(), cpu('breach')])] },
    /container holds 1 asset, vm 1\./,
    { subjects: [engine('container', [breach()]), engine('vm', [finding()])] },
  ],
  [
    walls.tellsWhere,
    { subjects: [engine('gvisor', [cpu('breach')]), engine('vm', [cpu('breach')])] },
    /gvisor and vm: 1 breach in identity \(learn the model\)\./,
    { subjects: [engine('vm', [cpu('held')])] },
  ],
  [
    walls.machineHoldsItself,
    { subjects: [engine('vm', [finding(), finding({ probe: 'log', asset: 'kernel', verdict: 'moot' })])] },
    /vm: 1, of kernel\./,
    { subjects: [engine('vm', [finding()])] },
  ],
  [
    walls.flagsDecide,
    {
      subjects: [
        foreign('firejail', [breach(), cpu('breach')]),
        foreign('firejail-strict', [finding(), cpu('breach')]),
      ],
    },
    /firejail 2 breaches, firejail-strict 1\./,
    { subjects: [foreign('firejail', [breach()]), foreign('bwrap-strict', [finding()])] },
  ],
  [
    prices.manyPrices,
    { sides: [side('gvisor', [figure('integer', 10, 10), figure('calls', 30000, 100)])] },
    /gvisor: integer arithmetic equal, system call 300× \(/,
    { sides: [side('gvisor', [figure('integer', 10, 10), figure('calls', 300, 100)])] },
  ],
  [
    prices.freeArithmetic,
    { sides: [side('gvisor', [figure('integer', 10, 10), figure('calls', 4200, 100)])] },
    /gvisor: arithmetic equal, system call 42× \(/,
    { sides: [side('gvisor', [figure('integer', 20, 10), figure('calls', 4200, 100)])] },
  ],
  [
    prices.sharedKernelPays,
    { sides: [side('container', [figure('calls', 100, 100), figure('latency', 50, 10)])] },
    /container: system call equal, but network round trip 5× \(/,
    { sides: [side('uml', [figure('calls', 100, 100), figure('latency', 50, 10)])] },
  ],
  [
    prices.callsStayInside,
    {
      sides: [
        side('gvisor', [figure('calls', 4000, 100)]),
        side('vm', [figure('calls', 500, 100)], emulated),
      ],
    },
    /vm \(emulated\) 500 ns against gvisor 4\.00 µs\./,
    {
      sides: [side('gvisor', [figure('calls', 400, 100)]), side('vm', [figure('calls', 500, 100)], emulated)],
    },
  ],
  [
    prices.slowerIsNotSafer,
    { sides: [side('vm', [figure('integer', 80, 10)], emulated)] },
    /vm \(emulated\): arithmetic 8× \(/,
    { sides: [side('vm', [figure('integer', 80, 10)])] },
  ],
  [
    prices.fsyncOfNothing,
    { sides: [side('container', [figure('fsync', 0.9, 1)])] },
    /container 900 ns\./,
    { sides: [side('container', [figure('fsync', 900, 1000)])] },
  ],
  [
    prices.quickerThanBare,
    { sides: [side('container', [figure('fsync', 5, 20)])] },
    /container: write and fsync 0\.25× \(/,
    { sides: [side('container', [figure('fsync', 20, 20)])] },
  ],
  [
    prices.ownCommand,
    { sides: [side('vm', [figure('calls', 900, 100), figure('command', 11, 10)])], command: ['make', 'it'] },
    /make it has a price of its own vm: 1\.1× \(.*\), where the mean is 3\.15×\./,
    { sides: [side('vm', [figure('command', 30, 10)])], command: ['make', 'it'] },
  ],
  [
    starts.machineSooner,
    { sides: [side('gvisor', [figure('start', 240, 3)]), side('uml', [figure('start', 180, 3)])] },
    /uml 180 ms against gvisor 240 ms\./,
    { sides: [side('gvisor', [figure('start', 180, 3)]), side('uml', [figure('start', 240, 3)])] },
  ],
  [
    starts.resumedSooner,
    { sides: [side('vm', [figure('start', 4000, 3), figure('resume', 400, 3)])] },
    /vm 400 ms against 4\.00 s: 10×\./,
    { sides: [side('vm', [figure('start', 400, 3), figure('resume', 400, 3)])] },
  ],
  [
    starts.furtherBoxes,
    { sides: [side('gvisor', [figure('memory', 44), figure('growth', 18)])] },
    /gvisor 44\.0 MB, then 18\.0 MB each\./,
    { sides: [side('gvisor', [figure('memory', 44), figure('growth', 43)])] },
  ],
  [
    neighbours.floodNextDoor,
    { neighbours: [near('container', 'receive', loss(65), EQUAL), near('vm', 'receive', EQUAL, EQUAL)] },
    /receive: container lost 65\.0 % \(60\.0 to 70\.0\), vm \(emulated\) equal \(in 2007: VMware 0 %, Xen 0\.04 %, OpenVZ did not report\)/,
    { neighbours: [near('container', 'receive', loss(65), EQUAL), near('vm', 'receive', loss(30), EQUAL)] },
  ],
  [
    neighbours.damageStays,
    { neighbours: [near('vm', 'cpu', EQUAL, loss(70))] },
    /vm \(emulated\): cpu 70\.0 % \(65\.0 to 75\.0\)\./,
    { neighbours: [near('vm', 'cpu', loss(20), loss(70)), near('container', 'cpu', EQUAL, loss(70))] },
  ],
  [
    neighbours.ownBoxGone,
    { neighbours: [near('gvisor', 'fork', EQUAL)] },
    /gvisor, fork: its own server did not report/,
    { neighbours: [near('gvisor', 'fork', EQUAL, EQUAL)] },
  ],
  [
    neighbours.controlSilent,
    { neighbours: [near('bare', 'disk', EQUAL, EQUAL)] },
    /equal on the bare host: disk\./,
    { neighbours: [near('bare', 'disk', loss(50), EQUAL), near('vm', 'disk', EQUAL)] },
  ],
]

const seenOf = (given: Given) => {
  const comparison = comparisonOf(given)
  return { comparison, technologies: technologiesOf(comparison) }
}

for (const [look, holds, words, silent] of TABLE)
  test(`${look.name} says what the data shows, and is silent where it does not`, () => {
    const found = look(seenOf(holds))
    assert.match(`${found?.says} ${found?.evidence}`, words)
    assert.equal(look(seenOf(silent)), undefined)
    assert.equal(look(seenOf({})), undefined)
  })

test('all of them are looked for, and each is tried here', () => {
  assert.deepEqual(new Set(TABLE.map(([look]) => look)), new Set(LOOKS))
  assert.deepEqual(surprisesOf(comparisonOf({})), [])
})

test('figures come from the data: another figure, another sentence', () => {
  const says = (ns: number) =>
    prices.freeArithmetic(
      seenOf({ sides: [side('gvisor', [figure('integer', 10, 10), figure('calls', ns, 100)])] }),
    )?.evidence
  assert.match(says(3000) ?? '', /30×/)
  assert.match(says(5000) ?? '', /50×/)
})
