import { printable } from '../policy/quote.ts'
import type { Candidate, Choice } from '../price/choice-types.ts'
import { type TextStyle, wrapped } from './wrap.ts'

/** What a person reads of a choice: what to take and why, then each of the others. Pure; ends without a newline. */
export function choiceReport(choice: Choice, style: TextStyle): string {
  const { candidates, chosen } = choice
  const taken = candidates.find(({ engine }) => engine === chosen)
  const others = candidates.filter((one) => one !== taken)
  const blocks = [
    ...(taken === undefined ? [noneLines(choice, style)] : [takenLines(taken, style)]),
    ...others.map((one) => otherLines(one, taken, style)),
    sourceLines(choice, style),
  ]
  return blocks.map((lines) => lines.join('\n')).join('\n\n')
}

function takenLines({ engine, why, alsoHolds }: Candidate, { width, paint }: TextStyle): string[] {
  const [first = '', ...more] = why
  return [
    ...wrapped(`Take ${engine}: ${printable(lowered(first))}`, width).map((line) => paint(line, 'green')),
    ...more.flatMap((words) => wrapped(printable(words), width, '  ')),
    ...(alsoHolds.length === 0 ? [] : wrapped(`Beyond that it holds ${alsoHolds.join(', ')}.`, width, '  ')),
  ]
}

function noneLines({ require, budget }: Choice, { width, paint }: TextStyle): string[] {
  const asked = [...require, ...budget].map(({ word }) => printable(word)).join(', ')
  return wrapped(`Take none: no technology is known to hold ${asked} on this machine.`, width).map((line) =>
    paint(line, 'yellow'),
  )
}

function otherLines(one: Candidate, taken: Candidate | undefined, { width, paint }: TextStyle): string[] {
  const { engine, state, why } = one
  return [
    ...wrapped(`${engine}: ${state}`, width).map((line) => paint(line, 'bold')),
    ...why.flatMap((words) => wrapped(printable(words), width, '  ')),
    ...differenceWords(one, taken).flatMap((words) => wrapped(words, width, '  ')),
  ]
}

/** What one would have by it, or go without, against the one that is taken. */
function differenceWords({ alsoHolds }: Candidate, taken: Candidate | undefined): string[] {
  if (taken === undefined)
    return alsoHolds.length === 0 ? [] : [`Beyond what is required it holds ${alsoHolds.join(', ')}.`]
  const more = alsoHolds.filter((asset) => !taken.alsoHolds.includes(asset))
  const less = taken.alsoHolds.filter((asset) => !alsoHolds.includes(asset))
  return [
    ...(more.length === 0 ? [] : [`It would also hold ${more.join(', ')}.`]),
    ...(less.length === 0 ? [] : [`It is not known to hold ${less.join(', ')}, as ${taken.engine} does.`]),
  ]
}

function sourceLines({ exam, price }: Choice, { width, paint }: TextStyle): string[] {
  const words = `By the exam ${exam.id} of ${exam.at} and the price ${price.id} of ${price.at}, of this machine.`
  return wrapped(printable(words), width).map((line) => paint(line, 'dim'))
}

const lowered = (words: string): string => `${words.charAt(0).toLowerCase()}${words.slice(1)}`
