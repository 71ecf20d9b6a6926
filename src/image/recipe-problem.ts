import { GloveboxError } from '../errors.ts'

export interface RecipeProblem {
  /** Both count from 1, as editors do. */
  readonly line: number
  readonly column: number
  readonly message: string
}

const SHOWN = 20

/** One line a problem, `file:line:column: what`, in the order of the file: editors and terminals can jump to it. */
export function recipeError(
  fileName: string,
  problems: readonly RecipeProblem[],
  cause?: unknown,
): GloveboxError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = sorted
    .slice(0, SHOWN)
    .map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}.`)
  if (sorted.length > SHOWN) lines.push(`… and ${sorted.length - SHOWN} more.`)
  return new GloveboxError({
    code: 'RECIPE_INVALID',
    audience: 'usage',
    message:
      lines.length === 1 ? lines.join('') : `The recipe has ${sorted.length} problems:\n${lines.join('\n')}`,
    remedy: 'The fields of a recipe are described in schema/recipe.schema.json; recipes/ holds examples.',
    details: { file: fileName, problems: sorted },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The name that was probably meant: at most a third of its letters away, the nearest first. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.ceil(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.name
}

/** Levenshtein's distance, over names that are bounded here. */
function editDistance(a: string, b: string): number {
  if (a.length > 64) return a.length
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      )
    row = next
  }
  return row[b.length] ?? 0
}
