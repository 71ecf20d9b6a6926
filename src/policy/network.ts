import { GloveboxError } from '../errors.ts'
import { CLOSED, type NetworkPolicy } from './network-types.ts'
import { quote } from './quote.ts'

/** Networks that have a name of their own. */
export const NETWORK_WORDS = ['none', 'internet'] as const
export type NetworkWord = (typeof NETWORK_WORDS)[number]

export function networkOf(word: NetworkWord): NetworkPolicy {
  return word === 'none' ? 'none' : { ...CLOSED, internet: true }
}

/** The word that {@link networkOf} reads as this policy. */
export function networkWord(policy: NetworkPolicy): NetworkWord {
  return policy === 'none' ? 'none' : 'internet'
}

/** @throws GloveboxError UNKNOWN_NETWORK */
export function parseNetwork(text: string): NetworkPolicy {
  const found = NETWORK_WORDS.find((word) => word === text)
  if (found !== undefined) return networkOf(found)
  throw new GloveboxError({
    code: 'UNKNOWN_NETWORK',
    audience: 'usage',
    message: `Cannot use ${quote(text)} for --network: there is no network of this name.`,
    remedy: `Choose from: ${NETWORK_WORDS.join(', ')}`,
  })
}
