import type { SubjectResult } from '../exam/result-types.ts'
import type { Asset } from '../exam/types.ts'
import type { EngineName } from '../plan/types.ts'
import { type Bounding, boundingOf } from './bound.ts'
import type { Bound, Requirement, Source } from './choice-types.ts'
import type { Costs } from './cost.ts'
import type { Cost } from './figures.ts'
import { figureOf, metricOf } from './figures.ts'
import { type Holding, heldAssets, holdingOf } from './holds.ts'
import type { PriceResult, SideResult } from './result-types.ts'

/** What is known of the box that a technology is chosen for. */
export interface Known {
  /** Of each technology what its newest exam found, where there is one. */
  readonly examined: ReadonlyMap<EngineName, { readonly source: Source; readonly subject: SubjectResult }>
  /** Its sides are of this box. */
  readonly price: PriceResult
  /** Why what was found of a technology does not hold any more, or why it cannot start here. */
  readonly outdated?: ReadonlyMap<EngineName, string>
  /** Options of this box, for commands that are told: `--image shell`. */
  readonly options: readonly string[]
}

export interface Question {
  readonly require: readonly Requirement[]
  readonly budget: readonly Bound[]
}

/** What is found of one technology before it is compared with the others. */
export interface Judged {
  readonly engine: EngineName
  readonly state: 'would do' | 'too weak' | 'over budget' | 'unknown'
  /** Clauses without an end. */
  readonly why: readonly string[]
  readonly exam?: Source
  readonly held: readonly Asset[]
  readonly cost?: Cost
  /** Warm start, in ms. */
  readonly start: number
  readonly emulated: boolean
}

/** What is certain comes first: a breach, then a budget that is not kept, then what nobody can say. */
export function judge(engine: EngineName, known: Known, costs: Costs, { require, budget }: Question): Judged {
  const { examined, price } = known
  const exam = examined.get(engine)
  const side = price.sides.find(({ subject }) => subject.engine === engine)
  const cost = costs.of.get(engine)
  const holdings = exam === undefined ? [] : require.map(({ asset }) => holdingOf(exam.subject, asset))
  const boundings =
    side === undefined ? [] : budget.map((bound) => boundingOf(side, bound, metricOf(price, bound.metric)))
  const found: Record<Exclude<Judged['state'], 'would do'>, readonly string[]> = {
    'too weak': reasons(holdings, 'breached'),
    'over budget': reasons(boundings, 'over'),
    unknown: [
      ...missing(engine, known, cost),
      ...reasons(holdings, 'unknown'),
      ...reasons(boundings, 'unknown'),
    ],
  }
  const state = (['too weak', 'over budget', 'unknown'] as const).find((one) => found[one].length > 0)
  return {
    ...{ engine, state: state ?? 'would do', start: startOf(side), emulated: side?.emulated ?? false },
    why: state === undefined ? reasons(boundings, 'within') : Object.values(found).flat(),
    held: exam === undefined ? [] : heldAssets(exam.subject),
    ...(exam === undefined ? {} : { exam: exam.source }),
    ...(cost === undefined ? {} : { cost }),
  }
}

/** What must be run before anybody can say anything. */
function missing(
  engine: EngineName,
  { examined, outdated, options }: Known,
  cost: Cost | undefined,
): string[] {
  const command = (act: string): string => `glovebox ${[act, '--engine', engine, ...options].join(' ')}`
  const old = outdated?.get(engine)
  return [
    ...(old === undefined ? [] : [old]),
    ...(examined.has(engine) ? [] : [`it was not examined here (${command('exam')} would tell)`]),
    ...(cost === undefined ? [`its price was not measured here (${command('price')} would tell)`] : []),
  ]
}

function reasons(
  all: readonly (Holding | Bounding)[],
  state: 'breached' | 'unknown' | 'over' | 'within',
): string[] {
  return all.flatMap((one) => (one.state === state && 'why' in one ? [one.why] : []))
}

function startOf(side: SideResult | undefined): number {
  const figure = side === undefined ? undefined : figureOf(side, 'start')
  return figure?.state === 'measured' ? figure.box.median : Number.MAX_VALUE
}
