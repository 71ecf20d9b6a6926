import { GloveboxError } from '../errors.ts'
import { MAX_POLICY_BYTES, parsePolicy } from './file.ts'
import { readBounded } from './read-bounded.ts'
import type { Policy } from './types.ts'

/**
 * Reads the policy file at `path`.
 *
 * @throws GloveboxError POLICY_UNREADABLE, POLICY_INVALID
 */
export async function readPolicyFile(path: string): Promise<Policy> {
  let text: string
  try {
    text = await readBounded(path, MAX_POLICY_BYTES)
  } catch (cause) {
    throw new GloveboxError({
      code: 'POLICY_UNREADABLE',
      audience: 'usage',
      message: `Cannot read the policy ${path}: ${(cause as Error).message}.`,
      remedy: 'Name a file that you can read. See: glovebox help policy',
      cause,
    })
  }
  return parsePolicy(text, path)
}
