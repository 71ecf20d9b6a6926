import { GloveboxError } from '../errors.ts'
import { type AskedNetwork, networkOfWords } from './network.ts'
import type { NetworkRule } from './network-types.ts'
import { printable } from './quote.ts'

/**
 * The network that the words of `--network` ask for together: none, internet, lan, lan:HOST, host:PORT, allow:FILE, image.
 *
 * @throws GloveboxError UNKNOWN_NETWORK, NETWORK_CONFLICT, NETWORK_LIST_UNREADABLE, NETWORK_LIST_INVALID
 */
export async function readNetworkWords(words: readonly string[]): Promise<AskedNetwork> {
  const files = words.flatMap((word) => (word.startsWith('allow:') ? [word.slice('allow:'.length)] : []))
  const lists = new Map<string, readonly NetworkRule[]>()
  for (const file of files) lists.set(file, await readRuleList(file))
  return networkOfWords(words, (file) => lists.get(file) ?? [])
}

async function readRuleList(path: string): Promise<readonly NetworkRule[]> {
  // A start without a list does not wait for them.
  const { readBounded } = await import('./read-bounded.ts')
  const { MAX_LIST_BYTES, parseRuleList } = await import('./network-list.ts')
  let text: string
  try {
    text = await readBounded(path, MAX_LIST_BYTES)
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause)
  }
  if (Buffer.byteLength(text) > MAX_LIST_BYTES)
    throw unreadable(path, `it is larger than ${MAX_LIST_BYTES} bytes`)
  return parseRuleList(text, path)
}

function unreadable(path: string, why: string, cause?: unknown): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_LIST_UNREADABLE',
    audience: 'usage',
    message: `Cannot read the allow list ${printable(path)}: ${printable(why)}.`,
    remedy: 'Name a file that you can read, with a rule on each line. See: glovebox help network',
    ...(cause === undefined ? {} : { cause }),
  })
}
