import { GloveboxError } from '../errors.ts'
import type { Choice } from './choice-types.ts'

/** The error of a start that no technology may make. */
export function nothingToChoose(choice: Choice): GloveboxError {
  const { require, budget, candidates } = choice
  const asked = [...require, ...budget].map(({ word }) => word).join(', ')
  const why = candidates.map((one) => `${one.engine}: ${one.state}. ${one.why[0] ?? ''}`.trimEnd())
  return new GloveboxError({
    ...{ code: 'NOTHING_TO_CHOOSE', audience: 'box' },
    message: [`Cannot start the box: no technology is known to hold ${asked} here.`, ...why].join('\n  '),
    remedy: 'Ask for less, name a technology by --engine, or see all of it with: glovebox choose',
    details: { choice },
  })
}
