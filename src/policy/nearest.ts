/** Longer names are not compared: a suggestion is not worth quadratic work on hostile input. */
const COMPARED_LENGTH = 64

/** The allowed name that was probably meant: at most a third of its letters differ. */
export function nearestName(name: string, allowed: readonly string[]): string | undefined {
  if (name.length > COMPARED_LENGTH) return undefined
  const wanted = name.toLowerCase().replaceAll('_', '-')
  const [best] = allowed
    .map((one) => ({ one, distance: editDistance(wanted, one.toLowerCase()) }))
    .filter(({ one, distance }) => distance <= Math.max(1, Math.floor(one.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return best?.one
}

/** ` Did you mean X?`, or nothing where no allowed name is near. */
export function didYouMean(name: string, allowed: readonly string[]): string {
  const nearest = nearestName(name, allowed)
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`
}

/** Levenshtein's distance, one row at a time. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
