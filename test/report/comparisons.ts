import type { Comparison } from '../../src/price/comparison-types.ts'
import type { PriceResult } from '../../src/price/result-types.ts'
import { everyPrice } from './prices.ts'
import { BREACHES, examResult, finding, foreign, HOSTILE, MIXED, subject } from './results.ts'

/* Benefit and price side by side, made by hand. */

export const ENGINES = ['container', 'gvisor', 'uml', 'microvm', 'vm'] as const
const [TERMINAL] = BREACHES

/** Five engines, two other sandboxes, and one that never starts. */
export function everyComparison(price: PriceResult = everyPrice()): Comparison {
  const engines = ENGINES.map((engine, at) => {
    const held = MIXED.map((one) =>
      at > 1 && one.asset === 'kernel' ? { ...one, verdict: 'held' as const } : one,
    )
    return subject(at === 0 && TERMINAL !== undefined ? [...held, TERMINAL] : held, { name: engine, engine })
  })
  const others = [
    foreign('bwrap', [finding({ verdict: 'breach' }), ...BREACHES]),
    foreign('firejail', [finding(), ...BREACHES]),
    foreign('false', [finding({ verdict: 'inconclusive', reason: 'it ended' })], 'it ended'),
  ]
  return { version: 1, exam: examResult([...engines, ...others]), price }
}

/** Hostile words wherever a result has words. */
export function hostileComparison(): Comparison {
  const { exam, price } = everyComparison()
  const [side, ...sides] = price.sides
  const [metric, ...metrics] = price.metrics
  if (side === undefined || metric === undefined) throw new Error('there is no price')
  const breach = finding({
    verdict: 'breach',
    title: HOSTILE,
    reason: HOSTILE,
    probe: 'hostile',
    number: 999,
  })
  const never = foreign(HOSTILE, [], HOSTILE)
  const named = subject([breach], { name: HOSTILE, argv: [HOSTILE], tools: [HOSTILE], notes: [HOSTILE] })
  return {
    version: 1,
    exam: { ...exam, glovebox: HOSTILE, subjects: [...exam.subjects, never, named] },
    price: {
      ...price,
      ...{ glovebox: HOSTILE, host: { ...price.host, cpu: HOSTILE, distribution: HOSTILE } },
      metrics: [{ ...metric, title: HOSTILE, says: HOSTILE }, ...metrics],
      sides: [
        {
          ...side,
          warnings: [HOSTILE],
          figures: side.figures.map((one, at) =>
            at === 1 ? { metric: one.metric, state: 'not measured', reason: HOSTILE } : one,
          ),
        },
        ...sides,
      ],
      neighbours: {
        bounds: [HOSTILE],
        sides: [
          {
            ...{ name: 'uml', emulated: false },
            stresses: [{ stress: 'disk', state: 'not measured', reason: HOSTILE }],
          },
        ],
      },
    },
  }
}
