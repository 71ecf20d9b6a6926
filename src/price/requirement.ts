import { GloveboxError } from '../errors.ts'
import { ASSETS, type Asset } from '../exam/types.ts'
import { didYouMean } from '../policy/nearest.ts'
import { quote } from '../policy/quote.ts'
import type { Requirement } from './choice-types.ts'

/** What people call a part of an asset. Few: each is a word that the report of the exam does not use. */
export const ALIASES: Readonly<Record<string, Asset>> = {
  ...{ lan: 'network', ipc: 'processes', syscalls: 'kernel', tty: 'terminal' },
  ...{ x11: 'desktop', clipboard: 'desktop', limits: 'exhaustion', hypervisor: 'machine' },
}

/** What every engine promises: it is required where nothing else is said. */
export const DEFAULT_REQUIREMENT: readonly Asset[] = [
  ...(['files', 'processes', 'terminal', 'desktop', 'network', 'persistence'] as const),
]

/**
 * The assets that are required, of words with commas between them: `files,lan`. The same asset counts once, by its first word.
 *
 * @throws GloveboxError UNKNOWN_REQUIREMENT, NO_REQUIREMENT
 */
export function parseRequirement(words: readonly string[]): Requirement[] {
  const asked = listed(words).map((word) => ({ word, asset: assetOf(word) }))
  if (asked.length > 0)
    return asked.filter(({ asset }, at) => asked.findIndex((one) => one.asset === asset) === at)
  throw new GloveboxError({
    code: 'NO_REQUIREMENT',
    audience: 'usage',
    message: 'Cannot choose: nothing is required.',
    remedy: `Name assets of the exam, as in: --require ${DEFAULT_REQUIREMENT.join(',')}`,
  })
}

/** Words with commas between them, one after the other. */
export const listed = (words: readonly string[]): string[] =>
  words.flatMap((word) => word.split(',').map((one) => one.trim())).filter((one) => one !== '')

function assetOf(word: string): Asset {
  const name = word.toLowerCase()
  const found = ASSETS.find((asset) => asset === name) ?? aliasOf(name)
  if (found !== undefined) return found
  throw new GloveboxError({
    code: 'UNKNOWN_REQUIREMENT',
    audience: 'usage',
    message: `Cannot require ${quote(word)}: the exam has no asset of this name.${didYouMean(name, [...ASSETS, ...Object.keys(ALIASES)])}`,
    remedy: `Choose from ${ASSETS.join(', ')}; or, of these, ${Object.entries(ALIASES)
      .map(([alias, asset]) => `${alias} (${asset})`)
      .join(', ')}`,
  })
}

const aliasOf = (name: string): Asset | undefined =>
  Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined
