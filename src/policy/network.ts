import { GloveboxError } from '../errors.ts'
import { parseHostService } from './network-ports.ts'
import { parseListed } from './network-rule.ts'
import { CLOSED, type NetworkPolicy, type NetworkTarget, type OpenNetwork } from './network-types.ts'
import { quote } from './quote.ts'

/** Networks that have a name of their own; `image`: none, or the internet where the image asks for it. */
export const NETWORK_WORDS = ['none', 'internet', 'lan', 'image'] as const
export type NetworkWord = (typeof NETWORK_WORDS)[number]
export type AskedNetwork = NetworkPolicy | 'image'

/** Of a network that boxes join. */
export const NETWORK_NAME = /^[a-z0-9](?:[a-z0-9-]{0,29}[a-z0-9])?$/
export const NETWORK_NAME_WORDS = 'no name of small letters, digits and - between them, 31 at most'

export function networkOf(word: NetworkWord): AskedNetwork {
  if (word === 'none' || word === 'image') return word
  return word === 'internet' ? { ...CLOSED, internet: true } : { ...CLOSED, lan: 'segment' }
}

/** What the image asks for, where the policy leaves it to the image. */
export function resolveNetwork(asked: AskedNetwork, imageAsks: boolean): NetworkPolicy {
  if (asked !== 'image') return asked
  return imageAsks ? { ...CLOSED, internet: true } : 'none'
}

/** What is wrong with a network as a whole, in a sentence without its dot; undefined where nothing is. Pure. */
export function networkConflict(network: OpenNetwork): string | undefined {
  if (network.internet && network.allow.length > 0)
    return 'allow narrows nothing beside internet, which opens every address already: leave one of them away'
  const hostPorts = network.host.map(({ transport, port }) => `${transport} ${port}`)
  if (new Set(hostPorts).size < hostPorts.length) return 'a port of this machine is opened twice'
  const taken = network.publish.map(({ transport, port }) => `${transport} ${port}`)
  if (new Set(taken).size < taken.length)
    return 'a port of this machine is published twice, and can be only once, at one address'
  return undefined
}

/** The words of `--network`, in their order: the first may be none, internet, lan or image, and others open more beside it. */
const EXAMPLE = '--network internet, --network lan:192.168.1.20, --network host:631, --network allow:FILE'

/**
 * What several `--network` flags mean together. `rulesOf` reads the file of an `allow:FILE`.
 *
 * @throws GloveboxError UNKNOWN_NETWORK, NETWORK_CONFLICT and what `rulesOf` throws
 */
export function networkOfWords(
  words: readonly string[],
  rulesOf: (file: string) => OpenNetwork['allow'],
): AskedNetwork {
  const [only] = words
  if (words.length === 1 && (only === 'none' || only === 'image')) return only
  let network = CLOSED
  for (const word of words) network = withWord(network, word, rulesOf)
  return checkNetwork(network)
}

/** @throws GloveboxError NETWORK_CONFLICT */
export function checkNetwork(network: OpenNetwork): OpenNetwork {
  const conflict = networkConflict(network)
  if (conflict === undefined) return network
  throw new GloveboxError({
    code: 'NETWORK_CONFLICT',
    audience: 'usage',
    message: `Cannot use this network: ${conflict}.`,
    remedy: 'See: glovebox help network',
  })
}

function withWord(
  network: OpenNetwork,
  word: string,
  rulesOf: (file: string) => OpenNetwork['allow'],
): OpenNetwork {
  const [, head = word, rest] = /^([a-z]+):(.*)$/s.exec(word) ?? []
  try {
    if (rest === undefined && head === 'internet') return { ...network, internet: true }
    if (rest === undefined && head === 'lan') return { ...network, lan: wholeLan(network.lan) }
    if (rest !== undefined && head === 'lan') return { ...network, lan: withHost(network.lan, rest) }
    if (rest !== undefined && head === 'host')
      return { ...network, host: [...network.host, parseHostService(rest)] }
  } catch (error) {
    if (error instanceof GloveboxError) throw error
    throw unusable(word, (error as Error).message)
  }
  if (rest !== undefined && head === 'allow')
    return { ...network, allow: [...network.allow, ...rulesOf(rest)] }
  const alone = word === 'none' || word === 'image'
  throw unusable(word, alone ? 'it stands alone' : 'there is no network of this name')
}

const BESIDE_LAN =
  'lan:HOST narrows nothing beside lan, which opens every host already: leave one of them away'

function wholeLan(lan: OpenNetwork['lan']): OpenNetwork['lan'] {
  if (typeof lan === 'object') throw new Error(BESIDE_LAN)
  return 'segment'
}

function withHost(lan: OpenNetwork['lan'], text: string): OpenNetwork['lan'] {
  if (lan === 'segment') throw new Error(BESIDE_LAN)
  return [...(lan === false ? [] : lan), lanTarget(text)]
}

/** @throws RuleProblem */
export const lanTarget = (text: string): NetworkTarget => parseListed(text, 'lan').target

function unusable(word: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'UNKNOWN_NETWORK',
    audience: 'usage',
    message: `Cannot use ${quote(word)} for --network: ${why}.`,
    remedy: `Choose from: none, internet, lan, lan:HOST, host:PORT, allow:FILE, image. For instance: ${EXAMPLE}`,
  })
}
