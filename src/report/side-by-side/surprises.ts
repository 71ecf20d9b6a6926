import type { Comparison } from '../../price/comparison-types.ts'
import type { Look, Surprise } from './seen.ts'
import { controlSilent, damageStays, floodNextDoor, ownBoxGone } from './surprises-neighbours.ts'
import {
  callsStayInside,
  freeArithmetic,
  fsyncOfNothing,
  manyPrices,
  ownCommand,
  quickerThanBare,
  sharedKernelPays,
  slowerIsNotSafer,
} from './surprises-price.ts'
import { furtherBoxes, machineSooner, resumedSooner } from './surprises-start.ts'
import { asManyAssets, flagsDecide, machineHoldsItself, tellsWhere } from './surprises-walls.ts'
import { technologiesOf } from './technologies.ts'

/** In the order in which they are told. A new one is one function, and one word here. */
export const LOOKS: readonly Look[] = [
  ...[asManyAssets, tellsWhere, machineHoldsItself, flagsDecide],
  ...[manyPrices, freeArithmetic, sharedKernelPays, callsStayInside, slowerIsNotSafer],
  ...[fsyncOfNothing, quickerThanBare, machineSooner, resumedSooner, furtherBoxes, ownCommand],
  ...[floodNextDoor, damageStays, ownBoxGone, controlSilent],
]

/** What a reader may not expect of this comparison; what its data does not show is not said. Pure. */
export function surprisesOf(comparison: Comparison): Surprise[] {
  const seen = { comparison, technologies: technologiesOf(comparison) }
  return LOOKS.flatMap((look) => look(seen) ?? [])
}
