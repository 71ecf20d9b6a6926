import { createInterface } from 'node:readline/promises'
import { usageError } from './usage-error.ts'

/**
 * Asks a question that is answered by yes or no; anything but yes is no.
 *
 * @throws GloveboxError CANNOT_ASK where nobody is there to answer
 */
export async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw usageError(
      'CANNOT_ASK',
      'Cannot ask whether to do this: standard input is no terminal.',
      'Say it beforehand: --yes',
    )
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
