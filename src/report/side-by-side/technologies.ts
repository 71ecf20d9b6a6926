import type { SubjectRecord, SubjectResult } from '../../exam/result-types.ts'
import type { Comparison } from '../../price/comparison-types.ts'
import { costsOf } from '../../price/cost.ts'
import type { PriceResult, SideResult } from '../../price/result-types.ts'

/** What is known of one technology: what it gives, what it costs, or only one of them. */
export interface Technology {
  readonly name: string
  readonly foreign: boolean
  readonly exam?: SubjectResult
  readonly price?: SideResult
  /** Mean of the ratios to the bare host that all technologies have. */
  readonly cost?: number
}

/** In the order of the exam, and then what only has a price. */
export function technologiesOf({ exam, price }: Comparison): Technology[] {
  const left = new Set(price.sides)
  const { of: costs } = costsOf(price)
  const priced = (side: SideResult) => {
    const cost = costs.get(side.subject.engine)?.value
    return { price: side, ...(cost === undefined ? {} : { cost }) }
  }
  const examined = exam.subjects.map((subject): Technology => {
    const { kind, name, engine } = subject.subject
    const side = kind === 'engine' ? [...left].find((one) => one.subject.engine === engine) : undefined
    if (side !== undefined) left.delete(side)
    return {
      name,
      foreign: kind === 'foreign',
      exam: subject,
      ...(side === undefined ? {} : priced(side)),
    }
  })
  const others = [...left].map(
    (side): Technology => ({ name: side.subject.name, foreign: false, ...priced(side) }),
  )
  return [...examined, ...others]
}

export const isEmulated = ({ price }: Technology): boolean => price?.emulated === true

/** Why a technology has no price at all. */
export function unpriced({ foreign }: Technology): string {
  return foreign ? 'only engines of Glovebox are measured' : 'its price was not asked for'
}

/** How many metrics the cost is the mean of: those which every technology has beside the bare host. */
export const sharedMetrics = (price: PriceResult): number => costsOf(price).metrics.length

/** Where exam and price do not speak of the same: a reader would take them for one. In sentences. */
export function differencesOf(comparison: Comparison): string[] {
  const { exam, price } = comparison
  const machines = (['kernel', 'machine', 'distribution', 'cpu', 'uid'] as const).flatMap((field) =>
    exam.host[field] === price.host[field] ? [] : [`${field} ${exam.host[field]} and ${price.host[field]}`],
  )
  return [
    ...(machines.length === 0
      ? []
      : [`The exam and the price are of different machines or users: ${machines.join('; ')}.`]),
    ...(exam.glovebox === price.glovebox
      ? []
      : [`The exam is of Glovebox ${exam.glovebox}, the price of ${price.glovebox}.`]),
    ...apart(technologiesOf(comparison)),
  ]
}

/** Technologies with the same words share a sentence. */
function apart(technologies: readonly Technology[]): string[] {
  const groups = Map.groupBy(technologies, ({ exam, price }) =>
    exam === undefined || price === undefined ? '' : partsApart(exam.subject, price.subject).join(' and '),
  )
  return [...groups].flatMap(([parts, group]) =>
    parts === ''
      ? []
      : [`Not examined and measured with the same ${parts}: ${group.map(({ name }) => name).join(', ')}.`],
  )
}

function partsApart(a: SubjectRecord, b: SubjectRecord): string[] {
  const digests = (['image', 'policy'] as const).filter((part) => a[part]?.digest !== b[part]?.digest)
  return [...digests, ...(a.tools.join() === b.tools.join() ? [] : ['set of tools'])]
}
