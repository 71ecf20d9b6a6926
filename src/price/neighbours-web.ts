import type { Held, Session } from '../exam/session.ts'

/** Milliseconds from when a request was due in which an answer counts as good. */
export const GOOD_MS = 20
/** What the guest counts in (guest/price/web.c). */
export const WINDOW_MS = 100
/** Requests a second that the load offers. */
export const OFFERED = 200

/** The first windows connect, and fill caches. */
const WARM = 4
/** Longer than a stress takes; then it is killed. */
const MOST_MS = 600_000

/**
 * The web server of one box with its load, told window by window. Windows are numbered; which of them count is decided by what has
 * happened meanwhile: never the one that is under way, as half of it was before.
 */
export class Web {
  readonly #held: Held

  private constructor(held: Held) {
    this.#held = held
  }

  /** @throws Error where it does not answer */
  static async start(session: Session, folders: readonly string[]): Promise<Web> {
    const held = session.hold('price-web', [String(GOOD_MS), ...folders], { timeoutMs: MOST_MS })
    const web = new Web(held)
    if (await web.reach(WARM, MOST_MS)) return web
    const { text, end } = await held.release()
    throw new Error(`the web server did not start: ${text.slice(0, 200).trim() || end}`)
  }

  /** The window that was told last; -1 for none. */
  get last(): number {
    return this.windows.length - 1
  }

  /** Good answers in each window so far. A box tells what it likes: what has another number than its place ends the list. */
  get windows(): number[] {
    const found = this.#held.text.matchAll(
      /^good (\d{1,6}) late \d{1,9} false \d{1,9} worst \d{1,12} window (\d{1,7});$/gm,
    )
    const windows: number[] = []
    for (const [, good, window] of found) {
      if (Number(window) !== windows.length) break
      windows.push(Number(good))
    }
    return windows
  }

  /** Waits until the window was told; false where it was not in time, or the server has ended. */
  async reach(window: number, timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs)
    })
    const told = await Promise.race([this.#held.until(`window ${window};`), late])
    clearTimeout(timer)
    return told && this.last >= window
  }

  /** Good answers a second in `count` windows from the window `from` on; windows that were not told are left out. */
  rates(from: number, count: number): number[] {
    return this.windows.slice(from, from + count).map((good) => (good * 1000) / WINDOW_MS)
  }

  /** Waits for `many` windows one behind the other with at least this many good answers a second; false where `most` have none such. */
  async steadies(rate: number, many: number, most: number): Promise<boolean> {
    const from = this.last + 1
    for (let window = from, steady = 0; window < from + most; window++) {
      if (!(await this.reach(window, most * WINDOW_MS))) return false
      steady = (this.rates(window, 1)[0] ?? 0) >= rate ? steady + 1 : 0
      if (steady === many) return true
    }
    return false
  }

  async end(): Promise<void> {
    await this.#held.release()
  }
}
