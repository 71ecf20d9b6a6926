import { OFFERED, WINDOW_MS } from './neighbours-web.ts'
import type { Degradation } from './result-types.ts'
import { lossOf, summarize } from './statistics.ts'

/** Below this share of what is offered the rate alone is no measure of what a bomb takes. */
const LEAST_ALONE = OFFERED * 0.8
/** A clock inside that runs otherwise than ours by more than this share tells no rates. */
const CLOCK = 0.2

/** Good answers a second, in the order of time. */
export interface Rates {
  readonly alone: number[]
  readonly beside: number[]
}

/** Why there is no figure, for people. */
export class NotMeasured extends Error {
  override readonly name = 'NotMeasured'
}

/** @throws NotMeasured where the rate alone is no measure */
export function degradation({ alone, beside }: Rates): Degradation {
  const samples = { alone: summarize(alone), beside: summarize(beside) }
  const { median, low } = samples.alone
  if (median < LEAST_ALONE || low === 0)
    throw new NotMeasured(
      `without a bomb ${Math.round(median)} of ${OFFERED} answers a second were good: this machine is too busy now, or too slow, to say`,
    )
  return { ...samples, ...lossOf(samples.alone, samples.beside) }
}

/**
 * Over all turns, so that a stall in between does not matter.
 *
 * @throws NotMeasured where the clock inside is another than the host’s
 */
export function checkClock(windows: number, milliseconds: number): void {
  const runs = (windows * WINDOW_MS) / milliseconds
  if (Math.abs(runs - 1) > CLOCK)
    throw new NotMeasured(`the clock inside runs ${runs.toFixed(2)} times as fast as the host’s`)
}
