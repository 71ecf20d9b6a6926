import { type Document, isMap, LineCounter, parseDocument, visit } from 'yaml'
import { DEFAULT_POLICY } from './default.ts'
import { type PolicyProblem, policyError, problemsOf } from './file-problem.ts'
import { LIMIT_KINDS, withLimit } from './limits.ts'
import { formatNetwork } from './network-schema.ts'
import { type PolicyFile, policyFileSchema } from './schema.ts'
import { LIMIT_NAMES, type Policy } from './types.ts'

/** A policy is one screen of text, but for its lists of names. */
export const MAX_POLICY_BYTES = 2 * 2 ** 20

/**
 * Reads a policy file, YAML 1.2 or JSON. What the file leaves out is as in DEFAULT_POLICY. Neither anchors nor tags
 * are read: a policy must say what it means where it stands (and no alias can blow it up).
 *
 * @throws GloveboxError POLICY_INVALID, one line `file:line:column: what` for every problem
 */
export function parsePolicy(text: string, fileName: string): Policy {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES)
    throw policyError(fileName, [
      { line: 1, column: 1, message: `the file is larger than ${MAX_POLICY_BYTES} bytes` },
    ])
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    logLevel: 'error',
  })
  const wrong = syntaxProblems(document, lines)
  if (wrong.length > 0) throw policyError(fileName, wrong)
  const parsed = policyFileSchema.safeParse(document.toJS({ maxAliasCount: 0 }))
  if (!parsed.success) throw policyError(fileName, problemsOf(parsed.error.issues, document, lines))
  return policyOf(parsed.data)
}

function syntaxProblems(document: Document, lines: LineCounter): PolicyProblem[] {
  const at = (offset: number, message: string): PolicyProblem => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col, message }
  }
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) =>
    at(pos[0], (message.split('\n', 1)[0] ?? '').slice(0, 200)),
  )
  // The parser recurses, and reports the end of its stack as an error of the file; what follows it is noise.
  const tooDeep = document.errors.find(({ message }) => message.includes('call stack'))
  if (tooDeep !== undefined) return [at(tooDeep.pos[0], 'the file is nested too deeply')]
  if (problems.length > 0) return problems
  if (!isMap(document.contents)) return [at(0, 'a policy is a mapping, such as "network: none"')]
  visit(document, {
    Alias: (_key, node) => void problems.push(at(node.range?.[0] ?? 0, 'aliases (*name) are not read here')),
  })
  return problems
}

function policyOf(file: PolicyFile): Policy {
  let { limits } = DEFAULT_POLICY
  let waived = DEFAULT_POLICY.allowUnenforced
  for (const name of LIMIT_NAMES) {
    const value = file.limits?.[name]
    if (value === undefined) continue
    limits = withLimit(limits, name, value ?? undefined)
    // The default waives only its own bound, not one that somebody wrote down.
    waived = waived.filter((one) => one !== name)
  }
  return {
    network: file.network ?? DEFAULT_POLICY.network,
    grants: [...new Set(file.grants)],
    limits,
    allowUnenforced: [...new Set([...waived, ...(file['allow-unenforced'] ?? [])])],
  }
}

/** The file that {@link parsePolicy} reads as this policy. */
export function formatPolicy(policy: Policy): string {
  const limits = LIMIT_NAMES.map((name) => {
    const { field, format } = LIMIT_KINDS[name]
    const value = policy.limits[field]
    return `  ${name}: ${value === undefined ? 'unlimited' : format(value)}`
  })
  return [
    `network: ${formatNetwork(policy.network)}`,
    `grants: [${policy.grants.join(', ')}]`,
    'limits:',
    ...limits,
    `allow-unenforced: [${policy.allowUnenforced.join(', ')}]`,
    '',
  ].join('\n')
}
