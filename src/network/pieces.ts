import { RESOLVER_TABLE } from './resolver.ts'

/*
 * nft(8) hands the kernel all of a script in one message, and in a user namespace that message is bounded by net.core.wmem_max (208 KiB
 * mostly, which the kernel doubles): SO_SNDBUFFORCE is root's (socket(7)). About 4,000 ranges fit.
 */

/** Ranges of one script, far below the bound. */
const MOST_RANGES = 1500
/** And of one that replaces rules in force: as many as surely fit, at 110 bytes each, as both ends of a range are an element. */
export const MOST_AT_ONCE = 2400

/** Between scripts in one file; native/gate.c loads one after the other. */
export const NEXT_SCRIPT = '\f\n'

const SET = /^( {2}set (\S+) \{ .*?); elements = \{ (.*) \}; \}$/

/**
 * Rules (ruleset.ts) as scripts that can each be loaded: the first has all rules, and the others add what its sets have no room for. Where
 * nothing can pass yet, that is the same. In force, what the others open is closed for a moment. Pure.
 */
export function scriptsOf(rules: string, most = MOST_RANGES): readonly [string, ...string[]] {
  let room = most
  const later: { readonly set: string; readonly elements: readonly string[] }[] = []
  const lines = rules.split('\n').map((line) => {
    const [, head = '', set = '', list] = SET.exec(line) ?? []
    if (list === undefined) return line
    const elements = list.split(', ')
    room -= elements.length
    if (room >= 0) return line
    later.push({ set, elements })
    return `${head}; }`
  })
  const pieces = later.flatMap(({ set, elements }) =>
    Array.from({ length: Math.ceil(elements.length / MOST_RANGES) }, (_, at) => {
      const part = elements.slice(at * MOST_RANGES, (at + 1) * MOST_RANGES)
      return `add element inet ${RESOLVER_TABLE} ${set} { ${part.join(', ')} }\n`
    }),
  )
  return [lines.join('\n'), ...pieces]
}
