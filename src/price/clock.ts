import type { Session } from '../exam/session.ts'
import { NoRun } from './ask.ts'
import { median } from './statistics.ts'

/** The clock in the box may run otherwise than the host's by this share. */
const MOST_DRIFT = 0.01
/** Questions at each end, and milliseconds between the ends. */
const [QUESTIONS, APART_MS] = [5, 1000]

/**
 * Compares the clock in a place with this program's own, as the workloads are timed by the former.
 *
 * @throws NoRun where it runs quicker or slower, or does not say
 */
export async function checkClock(session: Session): Promise<void> {
  const before = await offset(session)
  await new Promise((resolve) => setTimeout(resolve, APART_MS))
  const after = await offset(session)
  const rate = (after.inside - before.inside) / (after.outside - before.outside)
  /* A question is as inexact as it takes to answer. */
  const blur = (before.blur + after.blur) / (after.outside - before.outside)
  if (!(Math.abs(rate - 1) <= MOST_DRIFT + blur))
    throw new NoRun(`its clock runs at ${rate.toFixed(3)} of the speed of the host's`)
}

/** Nanoseconds of both clocks at one time; the quickest answer is the most exact. */
async function offset(session: Session): Promise<{ inside: number; outside: number; blur: number }> {
  const readings: { inside: number; outside: number; blur: number }[] = []
  for (let question = 0; question < QUESTIONS; question++) {
    const asked = performance.now() * 1e6
    const { text } = await session.ask('price-clock')
    const answered = performance.now() * 1e6
    const inside = Number(/^ns (\d{1,18})\n$/.exec(text)?.[1] ?? Number.NaN)
    readings.push({ inside, outside: (asked + answered) / 2, blur: (answered - asked) / 2 })
  }
  const best = median(readings.map(({ blur }) => blur))
  const reading = readings.find(({ blur }) => blur <= best)
  if (reading === undefined || Number.isNaN(reading.inside))
    throw new NoRun('it does not say what time it is')
  return reading
}
