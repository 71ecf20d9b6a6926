import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Degradation, NeighbourFigure, NeighbourSide, Stress } from '../../src/price/result-types.ts'
import { summarize } from '../../src/price/statistics.ts'
import { neighboursReport } from '../../src/report/neighbours.ts'
import { PLAIN } from '../../src/report/wrap.ts'
import { HOSTILE } from './results.ts'

const loss = (percent: number, equal = false): Degradation => ({
  ...{ alone: summarize([200, 200]), beside: summarize([200 - 2 * percent, 200 - 2 * percent]) },
  ...{ percent, low: percent - 5, high: percent + 5, equal },
})

const figure = (stress: Stress, well: Degradation, bad?: Degradation, work = '9 MiB'): NeighbourFigure => ({
  ...{ stress, state: 'measured', well, work },
  ...(bad === undefined ? {} : { bad }),
})

const side = (
  name: NeighbourSide['name'],
  stresses: readonly NeighbourFigure[],
  emulated = false,
): NeighbourSide => ({ name, emulated, stresses })

const BOUNDS = ['memory: at most 512 MiB', 'container: started with --memory 256M']

const lines = (sides: readonly NeighbourSide[], width = 100): string[] =>
  neighboursReport({ bounds: BOUNDS, sides }, { ...PLAIN, width }).split('\n')

test('a row a side, and the figures of 2007 below in the same columns', () => {
  const text = lines([
    side('bare', [figure('memory', loss(40.25), loss(60))]),
    side('container', [figure('memory', loss(1, true))]),
    side('vm', [{ stress: 'memory', state: 'not measured', reason: 'it did not start' }], true),
  ])
  const at = text.findIndex((line) => line.startsWith('  memory'))
  assert.deepEqual(text.slice(at, at + 7), [
    '  memory        well-behaved           misbehaving',
    '  bare          40.3 % (35.3 to 45.3)  60.0 % (55.0 to 65.0)',
    '  container     equal                  DNR',
    '  vm, emulated  not measured: it did not start',
    '  2007 VMware   0 %                    91.3 %',
    '  2007 Xen      0.03 %                 DNR',
    '  2007 OpenVZ   0 %                    DNR',
  ])
  assert.equal(text[at + 7], '    Bombs: bare: 9 MiB · container: 9 MiB')
})

test('each stress that was asked for has its own 2007 figures, in the order of the table', () => {
  const all = ['receive', 'fork'] as const
  const text = lines([
    side(
      'container',
      all.map((stress) => figure(stress, loss(0, true), loss(0, true))),
    ),
  ]).join('\n')
  assert.ok(text.indexOf('  fork ') < text.indexOf('  receive '))
  assert.match(text, /fork(?:.*\n)+?.*OpenVZ {2,}0\.01 % {2,}87\.8 %/)
  assert.match(text, /receive(?:.*\n)+?.*OpenVZ {2,}DNR {2,}DNR/)
  assert.doesNotMatch(text, /^ {2}memory/m)
})

test('an interval that holds everything is not called equal', () => {
  const wide = { ...loss(50), low: 0, high: 100 }
  const [row] = lines([side('bare', [figure('cpu', wide, loss(-30))])]).filter((line) =>
    /^ {2}bare/.test(line),
  )
  assert.match(row ?? '', /50\.0 % \(0\.0 to 100\.0\)\? +-30\.0 % \(-35\.0 to -25\.0\)$/)
})

test('what bounds it, and whose figures stand beside, is said below', () => {
  const text = lines([side('uml', [figure('cpu', loss(0, true))])]).join(' ')
  for (const bound of BOUNDS) assert.ok(text.includes(bound))
  assert.match(text, /Matthews, .* ExpCS 2007, table 1/)
  assert.doesNotMatch(text, /emulated/)
  const emulated = lines([side('vm', [figure('cpu', loss(0, true))], true)]).join(' ')
  assert.match(emulated, /vm: the processor is emulated in software/)
})

test('no line is wider than the terminal, and what a box said cannot speak to it', () => {
  const sides = [
    side('container', [figure('cpu', loss(3), loss(4), HOSTILE)]),
    side('gvisor', [{ stress: 'cpu', state: 'not measured', reason: HOSTILE }]),
  ]
  for (const width of [60, 80, 120]) {
    const text = neighboursReport({ bounds: [HOSTILE], sides }, { ...PLAIN, width })
    for (const line of text.split('\n')) assert.ok(line.length <= width, `${line.length}: ${line}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  }
})
