import { ASSETS } from '../../exam/types.ts'
import type { Point } from './answer.ts'
import { benefitOf } from './benefit.ts'
import {
  breachesIn,
  type Examined,
  examinedEngines,
  isExaminedMachine,
  nameOf,
  shutByAll,
  stateOf,
} from './engines.ts'
import { times } from './numbers.ts'
import { counted, listed } from './sentence.ts'
import type { Technology } from './technologies.ts'

/** The whole in two sentences: what machines add to the weakest that is none, and what each of both costs. */
export function shortAnswer(technologies: readonly Technology[]): Point[] {
  const engines = examinedEngines(technologies)
  const machines = engines.filter(isExaminedMachine)
  const weakest = engines
    .filter((one) => !isExaminedMachine(one))
    .toSorted((a, b) => breachesIn(b).length - breachesIn(a).length)[0]
  if (weakest === undefined || machines.length === 0) return []
  const asked = Math.max(...engines.map((one) => benefitOf(one)?.asked ?? 0))
  const all = ASSETS.filter((asset) => [weakest, ...machines].every((one) => stateOf(one, asset) === 'held'))
  const [breaches, shut] = [breachesIn(weakest), shutByAll(machines, breachesIn(weakest))]
  const walls = `Of ${counted(asked, 'asset')} (what a box is to protect), ${all.length} ${all.length === 1 ? 'is' : 'are'} held by ${weakest.name} and every virtual machine alike.`
  const added = `Of ${counted(breaches.length, 'breach', 'breaches')} of ${weakest.name}, every virtual machine shuts ${shut.length}.`
  return [{ lead: 'In short', says: [walls, added, ...prices(weakest, machines)].join(' ') }]
}

function prices(weakest: Examined, machines: readonly Examined[]): string[] {
  const priced = machines
    .filter(({ cost }) => cost !== undefined)
    .toSorted((a, b) => (a.cost ?? 0) - (b.cost ?? 0))
  if (weakest.cost === undefined || priced.length === 0) return []
  const words = priced.map((one) => `${nameOf(one)} ${times(one.cost ?? 0)}`)
  return [
    `The price is ${times(weakest.cost)} the bare host for ${weakest.name}, and for a virtual machine: ${listed(words)}.`,
  ]
}
