import { benefitOf } from './benefit.ts'
import {
  breachesIn,
  type Examined,
  examinedEngines,
  examinedOthers,
  isExaminedMachine,
  nameOf,
} from './engines.ts'
import { times } from './numbers.ts'
import { type Look, type Seen, surprise } from './seen.ts'
import { counted, listed, someOf } from './sentence.ts'

/* What an exam shows that one may not expect. */

const heldCount = (one: Examined): number => benefitOf(one)?.assets.held.length ?? 0

/** Engines with the same words share them; one without words is left out. */
function alike(technologies: Seen['technologies'], words: (one: Examined) => string | undefined): string[] {
  const groups = Map.groupBy(examinedEngines(technologies), words)
  return [...groups].flatMap(([said, group]) =>
    said === undefined ? [] : [`${listed(group.map(({ name }) => name))}: ${said}`],
  )
}

/** More walls of a machine, and no asset more. */
export const asManyAssets: Look = ({ technologies }) => {
  const engines = examinedEngines(technologies)
  const machines = engines.filter(isExaminedMachine)
  return surprise(
    'A box that is no virtual machine can hold as many assets as one that is',
    engines.flatMap((one) => {
      const beaten = machines.filter((machine) => heldCount(machine) <= heldCount(one))
      if (isExaminedMachine(one) || beaten.length === 0) return []
      const others = beaten.map((machine) => `${nameOf(machine)} ${heldCount(machine)}${priceOf(machine)}`)
      return [`${one.name} holds ${counted(heldCount(one), 'asset')}${priceOf(one)}, ${others.join(', ')}`]
    }),
  )
}

const priceOf = ({ cost }: Examined): string => (cost === undefined ? '' : ` at ${times(cost)}`)

const MOST_NAMED = 3

/** A box hides files, not which computer it runs on. */
export const tellsWhere: Look = ({ technologies }) =>
  surprise(
    'A box hides what is on the computer better than which computer it is',
    alike(technologies, (one) => {
      const all = breachesIn(one, 'identity')
      const titles = someOf(
        all.map(({ title }) => title),
        MOST_NAMED,
      )
      return all.length === 0
        ? undefined
        : `${counted(all.length, 'breach', 'breaches')} in identity (${titles})`
    }),
  )

/** Both lines are ready ones: a sandbox by its defaults, and by the flags that its documentation names for what is not trusted. */
const STRICT = '-strict'

export const flagsDecide: Look = ({ technologies }) => {
  const others = examinedOthers(technologies)
  return surprise(
    'A sandbox’s flags decide more than its name: by its defaults, and with the flags that its documentation has for what is not trusted',
    others.flatMap((one) => {
      const strict = others.find(({ name }) => name === `${one.name}${STRICT}`)
      if (strict === undefined) return []
      const [loose, shut] = [breachesIn(one).length, breachesIn(strict).length]
      return shut < loose
        ? [`${one.name} ${counted(loose, 'breach', 'breaches')}, ${strict.name} ${shut}`]
        : []
    }),
  )
}

/** A control without a sandbox fails: whoever counts that as held praises the sandbox for the machine. */
export const machineHoldsItself: Look = ({ technologies }) =>
  surprise(
    'Some attacks fail here even without a sandbox, and are no sandbox’s merit; a check without that control would count them as held',
    alike(technologies, (one) => {
      const moot = one.exam.findings.filter(({ verdict }) => verdict === 'moot')
      const assets = [...new Set(moot.map(({ asset }) => asset))]
      return moot.length === 0 ? undefined : `${moot.length}, of ${listed(assets)}`
    }),
  )
