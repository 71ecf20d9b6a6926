import { fileURLToPath } from 'node:url'
import type { BoxRequest, EngineName } from '../../src/sdk.ts'

const SCRIPT = fileURLToPath(new URL('run-box.ts', import.meta.url))

/** Every engine, for tests that hold for all of them. */
export const EVERY_ENGINE: readonly EngineName[] = ['container', 'gvisor']

/** The command of a process that becomes a box, with the terminal and the descriptors that it was given. */
export function boxWords(request: BoxRequest): [string, ...string[]] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', SCRIPT, JSON.stringify(request)]
}
