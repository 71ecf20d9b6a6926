import { createReadStream } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { MAX_POLICY_BYTES, parsePolicy } from './file.ts'
import type { Policy } from './types.ts'

/**
 * Reads the policy file at `path`.
 *
 * @throws GloveboxError POLICY_UNREADABLE, POLICY_INVALID
 */
export async function readPolicyFile(path: string): Promise<Policy> {
  let text: string
  try {
    text = await readBounded(path)
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

/** One byte beyond the most that is parsed, so that /dev/zero or a disk image is refused and not read. */
async function readBounded(path: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path, { end: MAX_POLICY_BYTES })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
