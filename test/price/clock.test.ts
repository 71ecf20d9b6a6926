import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../../src/exam/session.ts'
import { checkClock } from '../../src/price/clock.ts'
import { standIn } from './sessions.ts'

/* Nothing is asserted of how long anything takes: both clocks are this program's own. */

const says = (ns: number): Answer => ({ text: `ns ${Math.round(ns)}\n`, end: 0 })
/** A clock that runs so much quicker than the host's, from somewhere on. */
const clock = (rate: number, from = 12_345_000_000) =>
  standIn(() => says(from + performance.now() * 1e6 * rate))

/* Each takes the second that lies between the two looks: side by side. */
const all = { concurrency: true }

test('clocks', all, async (t) => {
  const one = (name: string, rate: number, refused: boolean) =>
    t.test(name, async () => {
      const checked = checkClock(clock(rate))
      if (!refused) return checked
      await assert.rejects(checked, (error: Error) => {
        assert.equal(error.name, 'NoRun')
        assert.ok(error.message.startsWith(`its clock runs at ${rate.toFixed(1)}`), error.message)
        return true
      })
    })
  await Promise.all([
    one('a clock that runs as the host’s does is believed, wherever it began', 1, false),
    one('one that runs 10 % quicker is not', 1.1, true),
    one('one that runs at half of the speed is not', 0.5, true),
    one('one that stands still is not', 0, true),
    one('one that runs backwards is not', -1, true),
    t.test('a clock that is less quick than its answers are exact is believed', async () => {
      let questions = 0
      // One in five answers at once; the slow ones are off by as much as they take, and are not what counts.
      const session = standIn(async () => {
        const reading = says(performance.now() * 1e6)
        if (questions++ % 5 > 2) await new Promise((resolve) => setTimeout(resolve, 100))
        return reading
      })
      await checkClock(session)
    }),
    ...(
      [
        ['nothing', ''],
        ['words', 'noon\n'],
        ['a time before it began', 'ns -5\n'],
        ['more than a time', 'ns 5\nns 6\n'],
        ['a flood of digits', `ns ${'9'.repeat(400_000)}\n`],
      ] as const
    ).map(([name, text]) =>
      t.test(`a place that says ${name} does not say what time it is`, () =>
        assert.rejects(checkClock(standIn(() => ({ text, end: 0 }))), /it does not say what time it is/),
      ),
    ),
  ])
})
