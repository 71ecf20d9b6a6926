/* Words put together to sentences. */

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last = 'and'): string {
  const [end = '', ...rest] = words.toReversed()
  return rest.length === 0 ? end : `${rest.toReversed().join(', ')} ${last} ${end}`
}

/** `1 breach`, `3 breaches`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 0 ? 'no' : count} ${count === 1 ? one : many}`

/** The first of them, and how many more there are. */
export function someOf(words: readonly string[], most: number): string {
  const left = words.length - most
  return left > 1 ? `${words.slice(0, most).join('; ')}; and ${left} more` : words.join('; ')
}
