import { NEIGHBOURS_2007 } from '../../price/history.ts'
import { type NeighbourSide, type NeighboursResult, STRESSES, type Stress } from '../../price/result-types.ts'
import { list, plain, table } from '../markdown-text.ts'
import { lossInWords } from '../neighbours.ts'
import { marked } from './engines.ts'
import { historicLoss, THEN } from './neighbours-words.ts'
import { Notes } from './notes.ts'

/** What a bad neighbour did, with the figures of 2007 beside. */
export function neighboursTable({ sides, bounds }: NeighboursResult): string[] {
  const notes = new Notes()
  const then = NEIGHBOURS_2007.technologies
  const head = [
    ...sides.map(({ name, emulated }) => plain(marked(name === 'bare' ? 'bare host' : name, emulated))),
    ...then.map(({ name }) => `${name}, ${THEN}`),
  ]
  const rows = STRESSES.filter((stress) =>
    sides.some((side) => side.stresses.some((one) => one.stress === stress)),
  ).map((stress) => [
    stress,
    ...sides.map((side) => cell(side, stress, notes)),
    ...then.map(({ losses }) => `${historicLoss(losses[stress].well)} / ${historicLoss(losses[stress].bad)}`),
  ])
  return [
    'Two boxes, each with a web server and its load; in one of them a bomb. Good answers that are lost, in percent with the 95 % interval: by the server of the good box / by that of the box with the bomb.',
    '',
    ...table(['Bomb', ...head], rows),
    '',
    `equal: within the noise. ?: too wide to say. DNR: it did not report. ${THEN}: ${plain(NEIGHBOURS_2007.source)}; machines, loads and bounds were others, so compare which walls held, not the digits.`,
    ...list(notes.all.map(([mark, words]) => `${mark} Not measured: ${plain(words)}`)),
    ...list(bounds.map(plain)),
  ]
}

function cell({ stresses, emulated }: NeighbourSide, stress: Stress, notes: Notes): string {
  const figure = stresses.find((one) => one.stress === stress)
  if (figure?.state !== 'measured') return `-${notes.mark(figure?.reason ?? 'it was not asked for')}`
  const { well, bad } = figure
  const words = `${lossInWords(well)} / ${bad === undefined ? historicLoss(undefined) : lossInWords(bad)}`
  return `${words}${emulated ? ', emulated' : ''}`
}
