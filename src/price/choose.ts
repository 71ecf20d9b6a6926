import { ENGINE_NAMES } from '../plan/engine-names.ts'
import { rounded } from './bound.ts'
import type { Candidate, Choice, Source } from './choice-types.ts'
import { costsOf, isTied } from './cost.ts'
import { type Judged, judge, type Known, type Question } from './judge.ts'

/**
 * The cheapest technology that holds all that is required within the budget, and what is to be said of the others. One of which
 * nobody can say whether it does is never chosen. Pure.
 */
export function choose(known: Known, question: Question): Choice {
  const { price, examined } = known
  const costs = costsOf(price)
  const judged = ENGINE_NAMES.map((engine) => judge(engine, known, costs, question))
  const sorted = judged.sort((a, b) => costIn(a) - costIn(b))
  const fit = sorted.filter(({ state }) => state === 'would do')
  const chosen = cheapestOf(fit)
  const newest = [...examined.values()].map(({ source }) => source).sort(byTime)[0]
  const about: About = { fit, chosen, question, metrics: costs.metrics.length }
  return {
    ...{ version: 1, require: question.require, budget: question.budget },
    exam: chosen?.exam ?? newest ?? { id: '', at: '' },
    price: { id: price.id, at: price.endedAt },
    ...(chosen === undefined ? {} : { chosen: chosen.engine }),
    candidates: sorted.map((one) => candidateOf(one, about)),
  }
}

const byTime = (a: Source, b: Source): number => Date.parse(b.at) - Date.parse(a.at)
const costIn = ({ cost }: Judged): number => cost?.value ?? Number.MAX_VALUE

/** Of those whose costs differ from the least by noise alone, the one that starts soonest. */
function cheapestOf(fit: readonly Judged[]): Judged | undefined {
  const least = fit[0]?.cost
  const tied = fit.filter(({ cost }) => cost !== undefined && least !== undefined && isTied(cost, least))
  return tied.toSorted((a, b) => a.start - b.start)[0]
}

interface About {
  /** Those that would do, the cheapest first. */
  readonly fit: readonly Judged[]
  readonly chosen: Judged | undefined
  readonly question: Question
  /** How many metrics the costs are means of. */
  readonly metrics: number
}

function candidateOf(one: Judged, about: About): Candidate {
  const { engine, state, held, cost, exam, emulated } = one
  const isChosen = one === about.chosen
  const required = about.question.require.map(({ asset }) => asset)
  const why = [...(state === 'would do' ? comparedWords(one, about) : []), ...one.why]
  if (emulated) why.push('its processor is emulated in software, which is no security boundary of its own')
  return {
    engine,
    state: state === 'would do' ? (isChosen ? 'chosen' : 'would do, dearer') : state,
    why: why.map(sentence),
    alsoHolds: held.filter((asset) => !required.includes(asset)),
    ...(exam === undefined ? {} : { exam }),
    ...(cost === undefined ? {} : { cost: cost.value }),
  }
}

function comparedWords(one: Judged, { fit, chosen, metrics }: About): string[] {
  const [first] = fit
  if (chosen === undefined || first === undefined) return []
  if (one !== chosen)
    return [`it holds all that is required, too, and costs ${times(one)} against ${times(chosen)}`]
  const mean = `${times(one)} the bare host over ${metrics} ${metrics === 1 ? 'metric' : 'metrics'}`
  if (fit.length === 1) return [`it alone holds all that is required, and costs ${mean}`]
  if (first === one) return [`it is the cheapest of ${fit.length} that hold all that is required: ${mean}`]
  return [
    `it costs ${mean}, within the noise as much as ${first.engine} (${times(first)}), and starts sooner`,
  ]
}

const times = ({ cost }: Judged): string => (cost === undefined ? '?' : `${rounded(cost.value)} times`)

const sentence = (words: string): string =>
  `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`
