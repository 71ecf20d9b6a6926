/** Numbers what is said below a table, each once: a mark where it is needed, the words at the end. */
export class Notes {
  readonly #words: string[] = []

  /** `¹` for the first, and again wherever the same words are to be said. */
  mark(words: string): string {
    if (!this.#words.includes(words)) this.#words.push(words)
    return superscript(this.#words.indexOf(words) + 1)
  }

  /** Marks and words, in order. */
  get all(): (readonly [mark: string, words: string])[] {
    return this.#words.map((words, at) => [superscript(at + 1), words] as const)
  }
}

const DIGITS = [...'⁰¹²³⁴⁵⁶⁷⁸⁹']
const superscript = (number: number): string =>
  [...String(number)].map((digit) => DIGITS[Number(digit)] ?? '').join('')
