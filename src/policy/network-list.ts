import { GloveboxError } from '../errors.ts'
import { type ListName, parseListed, RULE_EXAMPLE, RuleProblem } from './network-rule.ts'
import type { NetworkRule } from './network-types.ts'
import { printable } from './quote.ts'

/** As many names as a box's resolver knows (src/network/resolver.ts). */
export const MAX_LIST_RULES = 16_000
export const MAX_LIST_BYTES = 2 * 2 ** 20
const SHOWN = 10

/**
 * The rules of an allow list: one a line, `#` starts a comment; in the order of the file. Pure.
 *
 * @throws GloveboxError NETWORK_LIST_INVALID, a line `file:line:column: what` for each wrong rule, ten at the most
 */
export function parseRuleList(text: string, fileName: string): NetworkRule[] {
  const rules: NetworkRule[] = []
  const problems: string[] = []
  const name = printable(fileName)
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.split('#', 1)[0] ?? ''
    if (words.trim() === '') continue
    if (rules.length + problems.length === MAX_LIST_RULES) {
      problems.push(`${name}:${at + 1}:1: there are more rules than ${MAX_LIST_RULES}`)
      break
    }
    try {
      rules.push(parseListed(words, 'allow'))
    } catch (error) {
      if (!(error instanceof RuleProblem)) throw error
      problems.push(`${name}:${at + 1}:${error.at + 1}: ${error.message}`)
    }
  }
  if (problems.length === 0 && rules.length === 0) problems.push(`${name}:1:1: there is no rule in it`)
  if (problems.length === 0) return rules
  const more = problems.length > SHOWN ? [`… and ${problems.length - SHOWN} more`] : []
  throw new GloveboxError({
    code: 'NETWORK_LIST_INVALID',
    audience: 'usage',
    message: [...problems.slice(0, SHOWN), ...more].join('\n'),
    remedy: `A line is a name or an address, and its services, as in: ${RULE_EXAMPLE}`,
  })
}

/**
 * One rule of a command line.
 *
 * @throws GloveboxError NETWORK_RULE_INVALID
 */
export function readRule(text: string, list: ListName): NetworkRule {
  try {
    return parseListed(text, list)
  } catch (error) {
    if (!(error instanceof RuleProblem)) throw error
    throw new GloveboxError({
      code: 'NETWORK_RULE_INVALID',
      audience: 'usage',
      message: `Cannot use this rule: at character ${error.at + 1}, ${error.message}.`,
      remedy: `Write it as in: ${RULE_EXAMPLE}`,
    })
  }
}
