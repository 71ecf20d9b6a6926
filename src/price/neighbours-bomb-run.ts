import type { Held, Session } from '../exam/session.ts'
import { BOMB_MS, type BombWork, readWork } from './neighbours-bombs.ts'

/** Of the whole bomb: where its box is too small for it, it may end over and over. */
const MOST_KILLED = 100
/** Milliseconds for it to say what it did when its time is up. */
const SAY_MS = 30_000

/**
 * A bomb that is under way in the box. Its workers are started anew by the guest when the kernel kills one; where the kernel has killed
 * what looks after them, it is set off anew from here, as long as its box is there.
 */
export class BombRun {
  readonly #session: Session
  readonly #words: readonly string[]
  #held: Held
  #killed = 0
  #stopping = false
  /** When it has ended for good, and not by `stop`: with its box, by its time, or as it could not go on. */
  readonly ended: Promise<void>

  constructor(session: Session, words: readonly string[]) {
    this.#session = session
    this.#words = words
    this.#held = this.#setOff()
    this.ended = this.#keep()
  }

  #setOff(): Held {
    return this.#session.hold('price-stress', this.#words, { timeoutMs: BOMB_MS + SAY_MS })
  }

  async #keep(): Promise<void> {
    for (;;) {
      const { text, end } = await this.#held.answer
      const said = /^(?:did|errno) /m.test(text) || end === 'timeout' || end === 2
      if (this.#stopping || said || !this.#session.alive || this.#killed === MOST_KILLED) return
      this.#killed++
      this.#held = this.#setOff()
    }
  }

  /** Waits until it is at its height, or was killed on the way; false where it has ended before for good. */
  async wentOff(): Promise<boolean> {
    return (await this.#held.until('set')) || this.#killed > 0
  }

  /** Ends it, and waits until it has. Undefined where it never said what it did. */
  async stop(): Promise<BombWork | undefined> {
    this.#stopping = true
    await this.#held.release()
    await this.ended
    const work = readWork(this.#held.text)
    if (work === undefined && this.#killed === 0) return undefined
    return { ...(work ?? { did: 0, most: 0, over: false }), killed: (work?.killed ?? 0) + this.#killed }
  }

  /** Its last words and its end, for people; hostile. It must have ended. */
  async lastWords(): Promise<string> {
    const { text, end } = await this.#held.release()
    const said = text.trim().split('\n').at(-1) ?? ''
    return `${said.slice(0, 200)} (${end})`
  }
}
