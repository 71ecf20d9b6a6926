import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml'
import type { z } from 'zod'
import { nearestName, type RecipeProblem } from './recipe-problem.ts'
import { recipeSchema } from './recipe-schema.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** Turns the schema's issues into sentences, each at the place in the file that it speaks of. */
export function problemsOf(
  issues: readonly Issue[],
  document: Document,
  lines: LineCounter,
): RecipeProblem[] {
  return issues
    .flatMap((issue) => flat(issue, []))
    .map(({ issue, path }) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
      const { line, col } = lines.linePos(offsetOf(document, path, unknown))
      return { line, column: col, message: sentence(issue, path) }
    })
}

interface Placed {
  readonly issue: Issue
  readonly path: Path
}

/** Of a union, the branch that fits the value's own kind speaks; unknown keys speak one by one. */
function flat(issue: Issue, above: Path): Placed[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((errors) =>
      errors.some((one) => one.path.length > 0 || one.code !== 'invalid_type'),
    )
    return branch === undefined ? [{ issue, path }] : branch.flatMap((one) => flat(one, path))
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ issue: { ...issue, keys: [key] }, path }))
  return [{ issue, path }]
}

/** Where the value begins; the unknown key itself; for what is missing, the nearest thing that is there. */
function offsetOf(document: Document, path: Path, unknownKey?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (!isNode(node)) continue
    if (length === path.length && unknownKey !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === unknownKey)
      if (isNode(pair?.key) && pair.key.range) return pair.key.range[0]
    }
    if (node.range) return node.range[0]
  }
  return 0
}

const nameOf = (path: Path): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`))
    .join('')

function sentence(issue: Issue, path: Path): string {
  const name = path.length === 0 ? 'the recipe' : nameOf(path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownField(issue.keys[0] ?? '', path)
    case 'invalid_type':
      return issue.input === undefined && issue.message.endsWith('undefined')
        ? `${name} is missing: it must be ${article(issue.expected)}`
        : `${name} must be ${article(issue.expected)}`
    case 'invalid_value':
      return `${name} must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return `${name} must be a text or a mapping of its own fields`
    case 'too_small':
    case 'too_big':
      return `${name} is ${issue.code === 'too_small' ? 'less' : 'more'} than the ${issue.code === 'too_small' ? issue.minimum : issue.maximum} allowed`
    case 'invalid_key':
      return `${name} is no field: it ${issue.issues[0]?.message ?? 'has an invalid name'}`
    default:
      return `${name} ${issue.message}`
  }
}

function unknownField(key: string, path: Path): string {
  const names = fieldsAt(path)
  const meant = nearestName(key, names)
  const where = path.length === 0 ? 'a recipe' : nameOf(path)
  const hint = meant === undefined ? `it has ${names.join(', ')}` : `${meant} was probably meant`
  return `${JSON.stringify(key)} is no field of ${where}; ${hint}`
}

/** The names that the schema knows at a place, through defaults, options, lists and unions. */
function fieldsAt(path: Path): string[] {
  let here: unknown = recipeSchema
  for (const part of path) here = typeof part === 'number' ? element(here) : shapeOf(here)[String(part)]
  return Object.keys(shapeOf(here))
}

interface Definition {
  readonly innerType?: unknown
  readonly element?: unknown
  readonly options?: readonly unknown[]
  readonly shape?: Readonly<Record<string, unknown>>
}

const definitionOf = (schema: unknown): Definition => (schema as { def?: Definition } | undefined)?.def ?? {}

function element(schema: unknown): unknown {
  const definition = definitionOf(schema)
  return (
    definition.element ?? (definition.innerType === undefined ? undefined : element(definition.innerType))
  )
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { shape, innerType, options } = definitionOf(schema)
  if (shape !== undefined) return shape
  if (innerType !== undefined) return shapeOf(innerType)
  return options?.map(shapeOf).find((one) => Object.keys(one).length > 0) ?? {}
}

function article(expected: string): string {
  const words: Record<string, string> = {
    string: 'a text',
    int: 'a whole number',
    number: 'a number',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  }
  return words[expected] ?? `a ${expected}`
}
