import type { Session } from '../exam/session.ts'
import type { NeighbourSide } from './result-types.ts'

/** One side of the comparison: how one of its two boxes is started. */
export interface Side {
  readonly name: NeighbourSide['name']
  readonly emulated: boolean
  readonly folders: readonly string[]
  readonly open: () => Promise<Session>
}

type Role = 'well' | 'bad'

/** The two boxes of a side. They stay up from stress to stress, unless one of them has not come through. */
export class Boxes implements AsyncDisposable {
  readonly #side: Side
  readonly #signal: AbortSignal
  readonly #onStart: () => void
  readonly #sessions = new Map<Role, Session>()
  readonly #stop = (): void => {
    for (const session of this.#sessions.values()) void session.kill()
  }

  constructor(side: Side, signal: AbortSignal, onStart: () => void) {
    this.#side = side
    this.#signal = signal
    this.#onStart = onStart
    signal.addEventListener('abort', this.#stop)
  }

  async of(role: Role): Promise<Session> {
    const there = this.#sessions.get(role)
    if (there?.alive) return there
    this.#onStart()
    const session = await this.#side.open()
    this.#sessions.set(role, session)
    if (this.#signal.aborted) await session.kill()
    return session
  }

  async end(role: Role): Promise<void> {
    const session = this.#sessions.get(role)
    this.#sessions.delete(role)
    await session?.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.end('well'), this.end('bad')])
    this.#signal.removeEventListener('abort', this.#stop)
  }
}
