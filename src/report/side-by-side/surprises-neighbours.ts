import { type HistoricLoss, NEIGHBOURS_2007 } from '../../price/history.ts'
import type { NeighbourFigure, NeighbourSide, Stress } from '../../price/result-types.ts'
import { lossInWords } from '../neighbours.ts'
import { isMachine, marked } from './engines.ts'
import { type Look, type Seen, surprise } from './seen.ts'
import { listed } from './sentence.ts'

/* What neighbours show that one may not expect. */

type Measured = Extract<NeighbourFigure, { state: 'measured' }>
const FLOODS: readonly Stress[] = ['transmit', 'receive']

const sidesOf = ({ comparison }: Seen): readonly NeighbourSide[] => comparison.price.neighbours?.sides ?? []
const measuredIn = ({ stresses }: NeighbourSide): Measured[] =>
  stresses.filter((one) => one.state === 'measured')
const nameOf = ({ name, emulated }: NeighbourSide): string => marked(name, emulated)

/** Its interval is above 0 as a whole. */
const isLoss = ({ equal, low }: Measured['well']): boolean => !equal && low > 0

/** What shares a kernel shares its network: as in 2007. */
export const floodNextDoor: Look = (seen) => {
  const sides = sidesOf(seen)
  const machines = sides.filter(({ name }) => isMachine(name))
  return surprise(
    'A flood of the network in the next box was felt by a box that is no virtual machine, and by none that is',
    FLOODS.flatMap((stress) => {
      const wellOf = (side: NeighbourSide) => measuredIn(side).find((one) => one.stress === stress)?.well
      const spared = machines.filter((side) => wellOf(side)?.equal === true)
      if (spared.length === 0 || spared.length < machines.filter((side) => wellOf(side) !== undefined).length)
        return []
      return sides.flatMap((side) => {
        const well = wellOf(side)
        if (side.name === 'bare' || isMachine(side.name) || well === undefined || !isLoss(well)) return []
        const others = sides.flatMap((one) => {
          const loss = one === side || one.name === 'bare' ? undefined : wellOf(one)
          return loss === undefined ? [] : [`${nameOf(one)} ${lossInWords(loss)}`]
        })
        return [
          `${stress}: ${nameOf(side)} lost ${lossInWords(well)}, ${others.join(', ')} (in 2007: ${inThen(stress)})`,
        ]
      })
    }),
  )
}

const inThen = (stress: Stress): string =>
  NEIGHBOURS_2007.technologies.map(({ name, losses }) => `${name} ${lossThen(losses[stress])}`).join(', ')

const lossThen = ({ well }: HistoricLoss): string => (well === undefined ? 'did not report' : `${well} %`)

/** A control that shows nothing is said, as otherwise `equal` would be taken for a merit. */
export const controlSilent: Look = (seen) =>
  surprise(
    'Two programs without any box did not disturb each other either, so an equal figure is no merit of a box at that stress',
    sidesOf(seen).flatMap((side) => {
      if (side.name !== 'bare') return []
      const equal = measuredIn(side).filter(({ well }) => well.equal)
      return equal.length === 0
        ? []
        : [`equal on the bare host: ${listed(equal.map(({ stress }) => stress))}`]
    }),
  )

/** The server in the box that misbehaves gave no figures, while the one next door went on. */
export const ownBoxGone: Look = (seen) =>
  surprise(
    'A bomb can take its own box with it, and the neighbour notices nothing',
    sidesOf(seen).flatMap((side) =>
      measuredIn(side)
        .filter(({ bad, well }) => bad === undefined && well.equal)
        .map(
          ({ stress }) => `${nameOf(side)}, ${stress}: its own server did not report, the other’s is equal`,
        ),
    ),
  )

/** What a bomb does stays in its machine. */
export const damageStays: Look = (seen) =>
  surprise(
    'A machine keeps the damage where it is done: its own server loses, the neighbour’s does not',
    sidesOf(seen).flatMap((side) => {
      const kept = measuredIn(side).flatMap(({ stress, well, bad }) =>
        isMachine(side.name) && well.equal && bad !== undefined && isLoss(bad)
          ? [`${stress} ${lossInWords(bad)}`]
          : [],
      )
      return kept.length === 0 ? [] : [`${nameOf(side)}: ${kept.join(', ')}`]
    }),
  )
