import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml'
import type { z } from 'zod'
import { GloveboxError } from '../errors.ts'
import { didYouMean } from './nearest.ts'
import { printable, quote } from './quote.ts'
import { LIMIT_NAMES } from './types.ts'

type Issue = z.core.$ZodIssue

/** One thing wrong in a policy file; line and column count from 1, as editors do. */
export interface PolicyProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

const SHOWN = 10

/** Finding a key's place is linear in the file: a file of nothing but unknown fields is not looked up whole. */
const NAMED_KEYS = 20

/** Fields of a policy file, for suggestions. */
const FIELDS: readonly string[] = ['network', 'grants', 'limits', 'allow-unenforced']

/** One line a problem, in the order of the file: `file:line:column: what`, which editors and terminals can open. */
export function policyError(fileName: string, problems: readonly PolicyProblem[]): GloveboxError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const name = printable(fileName)
  const lines = sorted
    .slice(0, SHOWN)
    .map(({ line, column, message }) => `${name}:${line}:${column}: ${printable(message)}`)
  if (sorted.length > SHOWN) lines.push(`… and ${sorted.length - SHOWN} more`)
  return new GloveboxError({
    code: 'POLICY_INVALID',
    audience: 'usage',
    message: lines.join('\n'),
    remedy: 'The fields of a policy are described in schema/policy.schema.json.',
    details: { file: fileName, problems: sorted.slice(0, SHOWN) },
  })
}

/** The schema's issues in sentences, each at the place in the file that it speaks of; unknown fields one by one. */
export function problemsOf(
  issues: readonly Issue[],
  document: Document,
  lines: LineCounter,
): PolicyProblem[] {
  const at = (offset: number, message: string): PolicyProblem => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col, message }
  }
  return issues
    .flatMap((each) => narrow(each, document))
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, NAMED_KEYS)
            .map((key) => at(keyOffset(document, issue.path, key), unknownField(issue.path, key)))
        : [at(valueOffset(document, issue.path), sentence(issue, document))],
    )
}

/** Where several forms would do: what is wrong with the one that was probably meant, a mapping or list where there is one. */
function narrow(issue: Issue, document: Document): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const wholes = issue.errors.filter(
    (each) => !each.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  )
  const node = document.getIn(issue.path)
  const meant = isNode(node) ? wholes.at(-1) : wholes[0]
  if (meant === undefined) return [issue]
  return meant.flatMap((each) => narrow({ ...each, path: [...issue.path, ...each.path] }, document))
}

/** The fields of each mapping, for suggestions. */
const FIELDS_OF: Readonly<Record<string, readonly [allowed: readonly string[], where: string]>> = {
  '': [FIELDS, 'a policy'],
  limits: [LIMIT_NAMES, 'limits'],
  network: [['internet', 'lan', 'allow', 'deny', 'host', 'publish', 'join', 'rates'], 'network'],
  'network.rates': [['sent', 'flows'], 'rates'],
}

function unknownField(path: Issue['path'], key: string): string {
  const [allowed, where] = FIELDS_OF[path.join('.')] ?? [FIELDS, 'a policy']
  const choice = didYouMean(key, allowed) || ` Choose from: ${allowed.join(', ')}.`
  return `${quote(key)} is no field of ${where}.${choice}`
}

function sentence(issue: Issue, document: Document): string {
  const name = path(issue.path)
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'invalid_value': {
      const allowed = issue.values.map(String)
      const node = document.getIn(issue.path)
      const given = typeof node === 'string' ? node : ''
      const written = isNode(node) || node === undefined ? 'this value' : quote(String(node))
      return `${name}: ${written} is not known here.${didYouMean(given, allowed)} Choose from: ${allowed.join(', ')}.`
    }
    case 'invalid_type':
      return `${name}: expected ${KINDS[issue.expected] ?? issue.expected}.`
    case 'too_big':
      return `${name}: at most ${issue.maximum} entries.`
    default:
      return `${name}: ${issue.message}.`
  }
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list, such as [ONE, OTHER]',
  boolean: 'true or false',
  number: 'a number',
  object: 'a mapping',
  string: 'a text',
}

function path(parts: Issue['path']): string {
  return parts
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`))
    .join('')
}

/** Where a value begins, or the nearest thing around it that stands in the file. */
function valueOffset(document: Document, parts: Issue['path']): number {
  for (let length = parts.length; length > 0; length--) {
    const node = document.getIn(parts.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}

function keyOffset(document: Document, parts: Issue['path'], key: string): number {
  const map = parts.length === 0 ? document.contents : document.getIn(parts, true)
  const pair = isMap(map)
    ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    : undefined
  return isScalar(pair?.key) && pair.key.range ? pair.key.range[0] : valueOffset(document, parts)
}
