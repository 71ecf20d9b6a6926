import { ASSETS } from '../../exam/types.ts'
import {
  breachesIn,
  type Examined,
  examinedEngines,
  examinedOthers,
  findingOf,
  isExaminedMachine,
  shutByAll,
  stateOf,
} from './engines.ts'
import { counted, listed, someOf } from './sentence.ts'
import type { Technology } from './technologies.ts'

/** One point of an answer: what it is about in a few words, and what was found. Without any markup. */
export interface Point {
  readonly lead: string
  readonly says: string
}

/** Breaches that are named before the rest is counted. */
const MOST_NAMED = 6

/** What the exam says of the walls, in plain points. Pure. */
export function benefitPoints(technologies: readonly Technology[]): Point[] {
  const engines = examinedEngines(technologies)
  if (engines.length === 0)
    return [{ lead: 'Benefit', says: 'Nobody can say: no engine of Glovebox could be examined.' }]
  return [heldByAll, heldBySome, machinesAlone, heldByNone, breachCounts].flatMap((point) =>
    point(engines, technologies),
  )
}

const namesOf = (all: readonly Technology[]): string => listed(all.map(({ name }) => name))

function heldByAll(engines: readonly Examined[]): Point[] {
  const assets = ASSETS.filter((asset) => engines.every((one) => stateOf(one, asset) === 'held'))
  if (assets.length === 0) return []
  const all = engines.length === 1 ? namesOf(engines) : `any of ${namesOf(engines)}`
  return [
    {
      lead: 'Real: shut by all',
      says: `In ${listed(assets)}, no attack got through under ${all}. An attack counts only where it did get through without a sandbox.`,
    },
  ]
}

/** Assets in which one was breached, or nothing is known of it, and another holds. */
function heldBySome(engines: readonly Examined[]): Point[] {
  const groups = Map.groupBy(ASSETS, (asset) => {
    const [held, breached] = (['held', 'breach'] as const).map((state) =>
      engines.filter((one) => stateOf(one, asset) === state),
    )
    if (held === undefined || held.length === 0 || held.length === engines.length) return ''
    const broken = breached === undefined || breached.length === 0 ? [] : [`${namesOf(breached)} did not`]
    const unknown = engines.filter((one) => !['held', 'breach'].includes(stateOf(one, asset)))
    const open = unknown.length === 0 ? [] : [`of ${namesOf(unknown)} nothing could be shown`]
    return `${namesOf(held)} held; ${[...broken, ...open].join('; ')}`
  })
  groups.delete('')
  const says = [...groups].map(([words, assets]) => `${listed(assets)}: ${words}`)
  return says.length === 0 ? [] : [{ lead: 'Real: shut by some', says: `${says.join('. ')}.` }]
}

/** What a machine shuts that others leave open: the benefit of machines that is asked for. */
function machinesAlone(engines: readonly Examined[]): Point[] {
  const machines = engines.filter(isExaminedMachine)
  const others = engines.filter((one) => !isExaminedMachine(one))
  if (machines.length === 0) return []
  return others.flatMap((other): Point[] => {
    const breaches = breachesIn(other)
    const shut = shutByAll(machines, breaches)
    const lead = `Real: what virtual machines add to ${other.name}`
    if (shut.length === 0)
      return [
        {
          lead,
          says: `Nothing that the exam saw: of ${counted(breaches.length, 'breach', 'breaches')} of ${other.name}, ${namesOf(machines)} shut none.`,
        },
      ]
    const all = `${shut.length} of its ${counted(breaches.length, 'breach', 'breaches')}`
    const titles = someOf(
      shut.map(({ title }) => title),
      MOST_NAMED,
    )
    return [{ lead, says: `${all} did not get through under ${listedOr(machines)}: ${titles}.` }]
  })
}

const listedOr = (all: readonly Technology[]): string =>
  listed(
    all.map(({ name }) => name),
    'or',
  )

function heldByNone(engines: readonly Examined[]): Point[] {
  const [first, ...others] = engines
  if (first === undefined) return []
  const common = breachesIn(first).filter(({ probe }) =>
    others.every((one) => findingOf(one, probe)?.verdict === 'breach'),
  )
  if (common.length === 0) return []
  const titles = someOf(
    common.map(({ title, asset }) => `${title} (${asset})`),
    MOST_NAMED,
  )
  return [
    {
      lead: 'Not real: shut by none',
      says: `This got through under ${namesOf(engines)}${others.length === 0 ? '' : ' alike'}: ${titles}.`,
    },
  ]
}

/** Numbers of breaches, and no share of them: a box with one open door is not 99 % shut. */
function breachCounts(engines: readonly Examined[], technologies: readonly Technology[]): Point[] {
  const words = (all: readonly Examined[]) => all.map((one) => `${one.name} ${breachesIn(one).length}`)
  const others = examinedOthers(technologies)
  const beside =
    others.length === 0 ? '' : ` Other sandboxes under the same attacks: ${words(others).join(', ')}.`
  return [{ lead: 'Breaches, counted', says: `${words(engines).join(', ')}.${beside}` }]
}
