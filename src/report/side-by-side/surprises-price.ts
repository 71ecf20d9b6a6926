import { costsOf } from '../../price/cost.ts'
import { type Compared, isCompared, metricOf } from '../../price/figures.ts'
import type { Group, Metric, PriceResult, SideResult } from '../../price/result-types.ts'
import { isMachine, sideName } from './engines.ts'
import { times } from './numbers.ts'
import { comparedOf, isBelow, type Look, measuredOf, medianWords, ratioWhole, surprise } from './seen.ts'
import { listed } from './sentence.ts'

/* What a price shows that one may not expect. */

/** Work in the box; what it takes to have a box at all is another thing. */
const WORK: readonly Group[] = ['processor', 'kernel', 'files', 'network']
/** Far enough apart that nobody would call them one price. */
const APART = 10

interface Worked {
  readonly metric: Metric
  readonly figure: Compared
}

function worksOf({ figures }: SideResult, { metrics }: PriceResult): Worked[] {
  return metrics
    .filter(({ group }) => WORK.includes(group))
    .flatMap((metric) => {
      const figure = figures.find((one) => one.metric === metric.id)
      return isCompared(figure) ? [{ metric, figure }] : []
    })
}

const workWords = ({ metric, figure }: Worked): string => `${metric.title} ${ratioWhole(figure.ratio)}`

/** The price of a box is not one number. */
export const manyPrices: Look = ({ comparison: { price } }) =>
  surprise(
    'The price is not one number: by the kind of work, the same box costs next to nothing or very much',
    price.sides.flatMap((side) => {
      const works = worksOf(side, price)
      /* By the bound that speaks against it. */
      const least = works.toSorted((a, b) => a.figure.ratio.high - b.figure.ratio.high)[0]
      const most = works.toSorted((a, b) => b.figure.ratio.low - a.figure.ratio.low)[0]
      if (least === undefined || most === undefined) return []
      return most.figure.ratio.low > APART * least.figure.ratio.high
        ? [`${sideName(side)}: ${workWords(least)}, ${workWords(most)}`]
        : []
    }),
  )

/** Arithmetic asks no kernel for anything: only system calls pay for another one. */
export const freeArithmetic: Look = ({ comparison: { price } }) =>
  surprise(
    'A wall in the kernel’s place costs at system calls, and nothing at arithmetic',
    price.sides.flatMap((side) => {
      const [integer, calls] = [comparedOf(side, 'integer'), comparedOf(side, 'calls')]
      return integer?.ratio.says === 'equal' && calls?.ratio.says === 'dearer'
        ? [`${sideName(side)}: arithmetic equal, system call ${ratioWhole(calls.ratio)}`]
        : []
    }),
  )

/** A machine answers system calls itself: even an emulated one may be quicker at them than what catches each. */
export const callsStayInside: Look = ({ comparison: { price } }) => {
  const metric = metricOf(price, 'calls')
  const of = (side: SideResult) => measuredOf(side, 'calls')
  return surprise(
    'An emulated processor is slow, and still answers a system call sooner than an engine that has to catch each call',
    price.sides
      .filter(({ emulated }) => emulated)
      .flatMap((side) => {
        const own = of(side)
        const slower = price.sides.flatMap((other) => {
          const figure = other.emulated ? undefined : of(other)
          return own !== undefined && figure !== undefined && isBelow(own.box, figure.box)
            ? [[other, figure] as const]
            : []
        })
        if (own === undefined || metric === undefined || slower.length === 0) return []
        const others = slower.map(([other, figure]) => medianWords(other, figure, metric))
        return [`${medianWords(side, own, metric)} against ${listed(others)}`]
      }),
  )
}

/** QEMU, "Security", "Non-virtualization use case": TCG gives no guarantees. */
export const slowerIsNotSafer: Look = ({ comparison: { price } }) =>
  surprise(
    'Slower is not safer: an emulated processor is, by QEMU’s own security page, no boundary to rely on, and what holds is the jail around it',
    price.sides.flatMap((side) => {
      const figure = comparedOf(side, 'integer')
      return side.emulated && figure?.ratio.says === 'dearer'
        ? [`${sideName(side)}: arithmetic ${ratioWhole(figure.ratio)}`]
        : []
    }),
  )

/** No disk writes 4 KiB down in less than this many microseconds. */
const NO_DISK_US = 20

export const fsyncOfNothing: Look = ({ comparison: { price } }) => {
  const metric = metricOf(price, 'fsync')
  return surprise(
    'Some boxes write and fsync quicker than any disk: what they write stays in memory, so there is nothing to wait for',
    price.sides.flatMap((side) => {
      const figure = measuredOf(side, 'fsync')
      return metric?.unit === 'us' && figure !== undefined && figure.box.high < NO_DISK_US
        ? [medianWords(side, figure, metric)]
        : []
    }),
  )
}

export const quickerThanBare: Look = ({ comparison: { price } }) =>
  surprise(
    'Some work was quicker in a box than on the bare host',
    price.sides.flatMap((side) => {
      const works = worksOf(side, price).filter(({ figure }) => figure.ratio.says === 'cheaper')
      return works.length === 0 ? [] : [`${sideName(side)}: ${works.map(workWords).join(', ')}`]
    }),
  )

/** What is above 1 for this very command, and what the mean of all work would have said. */
export const ownCommand: Look = ({ comparison: { price } }) => {
  const costs = costsOf(price).of
  const command = price.command?.join(' ')
  return surprise(
    `The mean says little of one program: ${command ?? ''} has a price of its own`,
    price.sides.flatMap((side) => {
      const [figure, cost] = [comparedOf(side, 'command'), costs.get(side.subject.engine)]
      if (figure === undefined || cost === undefined || command === undefined) return []
      const { low, high } = figure.ratio
      return cost.value < low || cost.value > high
        ? [`${sideName(side)}: ${ratioWhole(figure.ratio)}, where the mean is ${times(cost.value)}`]
        : []
    }),
  )
}

/** Times the bare host. */
const MUCH = 2

/** A container shares the kernel, and may pay for the network all the same. */
export const sharedKernelPays: Look = ({ comparison: { price } }) =>
  surprise(
    'A box that shares the host’s kernel is not free everywhere',
    price.sides.flatMap((side) => {
      const dearer = worksOf(side, price).filter(({ figure }) => figure.ratio.low > MUCH)
      const calls = comparedOf(side, 'calls')
      if (isMachine(side.subject.engine) || calls === undefined || dearer.length === 0) return []
      if (!['equal', 'unclear'].includes(calls.ratio.says)) return []
      return [
        `${sideName(side)}: system call ${ratioWhole(calls.ratio)}, but ${dearer.map(workWords).join(', ')}`,
      ]
    }),
  )
