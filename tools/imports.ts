/** One import of a module, by whatever syntax. */
export interface Import {
  readonly specifier: string
  /** Erased when the module runs: `import type`, or every name marked `type`. */
  readonly typeOnly: boolean
}

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*|\S/gy
const REGEX_LITERAL =
  /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\/\w*/y
/** After one of these a slash starts a regular expression, not a division. */
const BEFORE_REGEX = /^(?:[(,=:[!&|?{};>+]|return)$/

/** Splits TypeScript into words, strings and single characters, without comments and regular expressions. */
function tokenize(source: string): string[] {
  const tokens: string[] = []
  for (let at = 0; at < source.length; ) {
    const rest = source[at] ?? ''
    if (/\s/.test(rest)) {
      at += 1
      continue
    }
    REGEX_LITERAL.lastIndex = at
    const previous = tokens.at(-1)
    if (
      rest === '/' &&
      (previous === undefined || BEFORE_REGEX.test(previous)) &&
      REGEX_LITERAL.test(source)
    ) {
      at = REGEX_LITERAL.lastIndex
      tokens.push('/regex/')
      continue
    }
    TOKEN.lastIndex = at
    const token = TOKEN.exec(source)?.[0] ?? rest
    at += token.length
    if (!token.startsWith('//') && !token.startsWith('/*')) tokens.push(token)
  }
  return tokens
}

/**
 * Finds static, dynamic and type imports, and re-exports.
 *
 * @throws Error for a dynamic import whose module is not a plain string: no check could follow it
 */
export function findImports(source: string): Import[] {
  const tokens = tokenize(source)
  return tokens.flatMap((token, index) => {
    if (tokens[index - 1] === '.' || (token !== 'import' && token !== 'export')) return []
    const found = token === 'import' ? afterImport(tokens, index) : fromClause(tokens, index)
    return found === undefined ? [] : [found]
  })
}

function afterImport(tokens: readonly string[], index: number): Import | undefined {
  const next = tokens[index + 1] ?? ''
  if (next === '.' || next === ':') return undefined
  if (isString(next)) return { specifier: unquote(next), typeOnly: false }
  if (next !== '(') return fromClause(tokens, index)
  const specifier = tokens[index + 2] ?? ''
  if (!isString(specifier)) throw new Error(`import(${specifier}…) names no module that can be checked`)
  return { specifier: unquote(specifier), typeOnly: false }
}

/** `{ names } from 'module'` behind `import` or `export`; a declaration that is exported has no such clause. */
function fromClause(tokens: readonly string[], index: number): Import | undefined {
  const isType = tokens[index + 1] === 'type' && tokens[index + 2] !== 'from' && tokens[index + 2] !== ','
  let at = index + (isType ? 2 : 1)
  const names: string[] = []
  for (; tokens[at] !== 'from' || !isString(tokens[at + 1] ?? ''); at += 1) {
    const token = tokens[at]
    if (token === undefined || !/^[\w$*{},]+$/.test(token)) return undefined
    names.push(token)
  }
  return { specifier: unquote(tokens[at + 1] ?? ''), typeOnly: isType || allMarkedType(names) }
}

/** `{ type A, type B }` alone. */
function allMarkedType(names: readonly string[]): boolean {
  if (names[0] !== '{') return false
  const entries = names.slice(1, -1).join(' ').split(',')
  const named = entries.map((entry) => entry.trim()).filter((entry) => entry !== '')
  return named.length > 0 && named.every((entry) => entry.startsWith('type '))
}

function isString(token: string): boolean {
  return /^(?:['"][\s\S]*['"]|`[^$]*`)$/.test(token)
}

function unquote(token: string): string {
  return token.slice(1, -1)
}
