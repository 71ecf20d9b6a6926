/** What has come and nobody has looked at yet; or goes on to `tell` at once. */
export class Mailbox<T> {
  readonly #waiting: T[] = []
  #wake: () => void = () => undefined
  #tell: ((one: T) => void) | undefined

  push(one: T): void {
    if (this.#tell === undefined) this.#waiting.push(one)
    else this.#tell(one)
    this.#wake()
  }

  tell(tell: (one: T) => void): void {
    for (const one of this.take()) tell(one)
    this.#tell = tell
  }

  /** Everything since the last time. */
  take(): T[] {
    return this.#waiting.splice(0)
  }

  /** Waits for the first that fits and takes it with all before it; it is the last of what is returned. */
  async until(fits: (one: T) => boolean): Promise<T[]> {
    for (;;) {
      const at = this.#waiting.findIndex(fits)
      if (at >= 0) return this.#waiting.splice(0, at + 1)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
