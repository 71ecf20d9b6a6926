import type { Mailbox } from '../../../lab/mailbox.ts'

/** The most that is kept; the oldest goes, as a sandbox may send as much as it likes. */
const MOST = 20_000

/** Everything that came by a mailbox, for many who look for their own. */
export class Kept<T> {
  #all: T[] = []
  #wake: (() => void)[] = []

  constructor(mailbox: Mailbox<T>) {
    mailbox.tell((one) => {
      this.#all.push(one)
      if (this.#all.length > MOST) this.#all = this.#all.slice(MOST / 2)
      for (const wake of this.#wake.splice(0)) wake()
    })
  }

  find(fits: (one: T) => boolean): T | undefined {
    return this.#all.find(fits)
  }

  /** Waits for one that fits, for so long at the most. */
  async until(fits: (one: T) => boolean, timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs
    while (this.find(fits) === undefined) {
      const left = end - performance.now()
      if (left <= 0) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    return true
  }
}
