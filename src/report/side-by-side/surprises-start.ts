import { metricOf } from '../../price/figures.ts'
import { amount } from '../price-words.ts'
import { isMachine } from './engines.ts'
import { times } from './numbers.ts'
import { isBelow, type Look, measuredOf, medianWords, surprise } from './seen.ts'
import { listed } from './sentence.ts'

/* What starts and memory show that one may not expect. */

export const resumedSooner: Look = ({ comparison: { price } }) => {
  const metric = metricOf(price, 'resume')
  return surprise(
    'A machine that goes on from kept memory starts many times sooner than one that boots',
    price.sides.flatMap((side) => {
      const [resumed, booted] = [measuredOf(side, 'resume'), measuredOf(side, 'start')]
      if (metric === undefined || resumed === undefined || booted === undefined) return []
      if (!isBelow(resumed.box, booted.box)) return []
      const gain = times(booted.box.median / resumed.box.median)
      return [
        `${medianWords(side, resumed, metric)} against ${amount(booted.box.median, metric.unit)}: ${gain}`,
      ]
    }),
  )
}

export const machineSooner: Look = ({ comparison: { price } }) => {
  const metric = metricOf(price, 'start')
  const starts = price.sides.flatMap((side) => {
    const figure = measuredOf(side, 'start')
    return figure === undefined ? [] : [{ side, figure, machine: isMachine(side.subject.engine) }]
  })
  return surprise(
    'A whole virtual machine can start sooner than something that is none',
    starts.flatMap(({ side, figure, machine }) => {
      const later = starts.filter((one) => machine && !one.machine && isBelow(figure.box, one.figure.box))
      if (metric === undefined || later.length === 0) return []
      const others = later.map((one) => medianWords(one.side, one.figure, metric))
      return [`${medianWords(side, figure, metric)} against ${listed(others)}`]
    }),
  )
}

/** By at least this factor. */
const MUCH_LESS = 1.5

export const furtherBoxes: Look = ({ comparison: { price } }) => {
  const metric = metricOf(price, 'memory')
  return surprise(
    'The first box takes more memory than each further one: they share the pages of what they are made of',
    price.sides.flatMap((side) => {
      const [first, further] = [measuredOf(side, 'memory'), measuredOf(side, 'growth')]
      if (metric === undefined || first === undefined || further === undefined) return []
      return first.box.low > MUCH_LESS * further.box.high
        ? [`${medianWords(side, first, metric)}, then ${amount(further.box.median, metric.unit)} each`]
        : []
    }),
  )
}
