import { END_MS, type Session, SessionLost } from '../exam/session.ts'
import type { Place } from '../exam/types.ts'
import { GROWTH } from './kinds.ts'
import { memoryOf, processTree, REFUSED } from './memory.ts'
import type { Figure } from './result-types.ts'
import { figureFrom } from './rounds.ts'

/** What each box beyond the first adds to the memory that all of them take, against the program alone. */
export async function measureGrowth(
  host: Session,
  box: Place,
  { boxes, onBox }: { readonly boxes: number; readonly onBox: (number: number) => void },
): Promise<Figure> {
  const sessions: Session[] = []
  const notMeasured = (reason: string): Figure => ({ metric: GROWTH.id, state: 'not measured', reason })
  try {
    const totals: number[] = []
    for (let number = 1; number <= boxes; number++) {
      onBox(number)
      sessions.push(await box.open())
      const total = memoryOf(sessions.flatMap(({ pid }) => processTree(pid)))
      if (total === undefined) return notMeasured(REFUSED)
      totals.push(total / 1e6)
    }
    const own = memoryOf(processTree(host.pid))
    return figureFrom(GROWTH, {
      box: totals.slice(1).map((total, at) => total - (totals[at] ?? 0)),
      bare: own === undefined ? [] : [own / 1e6],
    })
  } catch (error) {
    if (!(error instanceof SessionLost)) throw error
    return notMeasured(error.message)
  } finally {
    await Promise.all(sessions.map((session) => session.end(END_MS)))
  }
}
