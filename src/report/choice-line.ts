import { printable } from '../policy/quote.ts'
import type { Choice } from '../price/choice-types.ts'

/** What a start says of the technology that was chosen for it, in one line. */
export function choiceLine(choice: Choice, now: Date): string {
  const { chosen, candidates, require, budget, exam, price } = choice
  const fit = candidates.filter(({ state }) => state === 'chosen' || state === 'would do, dearer')
  const asked = require.map(({ word }) => printable(word)).join(', ')
  const within = budget.length === 0 ? '' : ` within ${budget.map(({ word }) => printable(word)).join(', ')}`
  const why =
    fit.length === 1
      ? `the only one known to hold ${asked}${within}`
      : `the cheapest of ${fit.map(({ engine }) => engine).join(', ')}, which hold ${asked}${within}`
  return `Engine ${chosen ?? 'none'}: ${why}; exam of ${ageInWords(exam.at, now)}, price of ${ageInWords(price.at, now)}`
}

/** `2 days ago`. */
export function ageInWords(at: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / 60_000))
  const [count, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / (24 * 60)), 'day']
  return count === 0 ? 'a moment ago' : `${count} ${unit}${count === 1 ? '' : 's'} ago`
}
