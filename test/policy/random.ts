/** Numbers in [0, 1) from a seed (mulberry32): a property that fails, fails again. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from `least` to `most`, small ones as likely as large ones. */
export function wholeNumber(random: () => number, least: number, most: number): number {
  const value = Math.floor(Math.exp(random() * Math.log(most - least + 2))) - 1 + least
  return Math.min(most, Math.max(least, value))
}

export function subset<T>(random: () => number, all: readonly T[]): T[] {
  return all.filter(() => random() < 0.5)
}
