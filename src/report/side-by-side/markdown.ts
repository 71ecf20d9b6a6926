import type { Comparison } from '../../price/comparison-types.ts'
import { code, list, plain } from '../markdown-text.ts'
import { againLines } from './again.ts'
import { benefitPoints, type Point } from './answer.ts'
import { pricePoints } from './answer-price.ts'
import { shortAnswer } from './answer-short.ts'
import { assetsTable } from './markdown-assets.ts'
import { neighboursTable } from './markdown-neighbours.ts'
import { pricesTable } from './markdown-price.ts'
import { surprisesOf } from './surprises.ts'
import { differencesOf, technologiesOf } from './technologies.ts'

/** A file that the command line may name. */
const FILE = 'price-and-benefit.md'

/**
 * Benefit and price as a document: the answer in plain points, what surprised with its evidence, and the tables that both are made
 * of. Every figure is of the comparison; the texts of boxes are hostile, and lose all that Markdown could take for more than words.
 * Pure.
 */
export function comparisonDocument(comparison: Comparison): string {
  const technologies = technologiesOf(comparison)
  const { price } = comparison
  const surprises = surprisesOf(comparison)
  const lines = [
    '# Price and benefit of isolation',
    '',
    'In 2007 it was asked of virtual machines: are their security benefits real or virtual, and at which price? This is what one machine answers.',
    '',
    about(comparison),
    ...list(differencesOf(comparison).map(plain)),
    '',
    'To make it again on another machine:',
    ...code(againLines(comparison, FILE)),
    ...section(
      'The answer',
      points([
        ...shortAnswer(technologies),
        ...benefitPoints(technologies),
        ...pricePoints(technologies, comparison),
      ]),
    ),
    '',
    'Held means that these attacks did not get through, on this machine at this time, and not that none can.',
    ...section(
      'What surprised',
      surprises.length === 0
        ? ['Nothing that is looked for.']
        : points(surprises.map(({ says, evidence }) => ({ lead: says, says: evidence }))),
    ),
    ...section('What each gives', assetsTable(technologies)),
    ...section('What each costs', pricesTable(price)),
    ...(price.neighbours === undefined
      ? []
      : section('What a bad neighbour does', neighboursTable(price.neighbours))),
    '',
  ]
  return lines.join('\n')
}

const section = (title: string, lines: readonly string[]): string[] => ['', `## ${title}`, '', ...lines]

const points = (all: readonly Point[]): string[] =>
  all.map(({ lead, says }) => `- **${plain(lead)}**${/[.!?]$/.test(lead) ? '' : '.'} ${plain(says)}`)

function about({ exam, price }: Comparison): string {
  const { distribution, kernel, machine, cpu, uid } = price.host
  const asked = exam.only === 'all' ? 'the whole catalogue' : `only ${exam.only.join(', ')}`
  const who = uid === 0 ? 'root' : 'an ordinary user'
  return plain(
    `${distribution}, Linux ${kernel} ${machine}, ${cpu}, as ${who}. Glovebox ${price.glovebox}; exam ${exam.id} of ${asked}, ${exam.endedAt.slice(0, 10)}; price ${price.id}${price.quick ? ', measured quickly' : ''}, ${price.endedAt.slice(0, 10)}.`,
  )
}
