import { type Session, SessionLost } from '../exam/session.ts'
import type { Place } from '../exam/types.ts'
import { GROWTH, MEMORY } from './kinds.ts'
import { memoryOf, processTree } from './memory.ts'
import type { Figure } from './result-types.ts'
import { figureFrom } from './rounds.ts'
import { END_MS } from './start.ts'

const REFUSED = 'this user may not read how much memory its processes take'

/** Memory of one idle box, and what each further one adds, against the program alone. */
export async function measureMemory(
  bare: Session,
  box: Place,
  { boxes, onBox }: { readonly boxes: number; readonly onBox: (number: number) => void },
): Promise<Figure[]> {
  const sessions: Session[] = []
  try {
    const totals: number[] = []
    for (let number = 1; number <= boxes; number++) {
      onBox(number)
      sessions.push(await box.open())
      const total = memoryOf(sessions.flatMap(({ pid }) => processTree(pid)))
      if (total === undefined) return notMeasured(REFUSED)
      totals.push(total / 1e6)
    }
    const own = memoryOf(processTree(bare.pid))
    const host = own === undefined ? [] : [own / 1e6]
    const growth = totals.slice(1).map((total, at) => total - (totals[at] ?? 0))
    return [
      figureFrom(MEMORY, { box: totals.slice(0, 1), bare: host }),
      figureFrom(
        GROWTH,
        growth.length === 0 ? { box: [], reason: 'one box alone was started' } : { box: growth, bare: host },
      ),
    ]
  } catch (error) {
    if (!(error instanceof SessionLost)) throw error
    return notMeasured(error.message)
  } finally {
    await Promise.all(sessions.map((session) => session.end(END_MS)))
  }
}

const notMeasured = (reason: string): Figure[] =>
  [MEMORY, GROWTH].map(({ id }) => ({ metric: id, state: 'not measured', reason }))
