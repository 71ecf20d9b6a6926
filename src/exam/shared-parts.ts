/** What is made once an exam, by name, and disposed of with it, the last one first. */
export class SharedParts implements AsyncDisposable {
  readonly #made = new Map<string, Promise<AsyncDisposable>>()

  /** Whoever asks under the same key must ask for the same type. What could not be made is not tried again. */
  of<T extends AsyncDisposable>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key)
    if (known !== undefined) return known as Promise<T>
    const making = make()
    making.catch(() => undefined) // told to each who asks
    this.#made.set(key, making)
    return making
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const parts = await Promise.allSettled([...this.#made.values()].reverse())
    for (const part of parts) if (part.status === 'fulfilled') await part.value[Symbol.asyncDispose]()
  }
}
