import type { ChildProcess } from 'node:child_process'
import { GloveboxError } from '../errors.ts'
import { childProcess } from './lazy.ts'
import { searchPath } from './search-path.ts'
import { findTool } from './spawn.ts'

export interface ProgramOptions {
  readonly cwd?: string
  /** Added to this process' own. */
  readonly env?: Readonly<Record<string, string>>
  /** Descriptors of this process that it inherits as 3, 4, … */
  readonly descriptors?: readonly number[]
}

/**
 * Starts a program that is talked to while it runs, by argument vector, with its three streams as pipes. It is killed when this
 * process ends, however that comes about (prctl(2) PR_SET_PDEATHSIG), unless it gains rights on the way, as set-user-id programs do.
 *
 * @throws GloveboxError TOOL_MISSING where setpriv(1) is not installed; a program that is not there ends with 127
 */
export function startProgram(
  argv: readonly [string, ...string[]],
  { cwd, env, descriptors = [] }: ProgramOptions = {},
): ChildProcess {
  const setpriv = findTool('setpriv')
  if (setpriv === undefined)
    throw new GloveboxError({
      code: 'TOOL_MISSING',
      audience: 'host',
      message: 'Cannot start a program that ends with this one: setpriv is not installed.',
      remedy: 'sudo apt-get install util-linux',
    })
  return childProcess().spawn(setpriv, ['--pdeathsig', 'KILL', '--', ...argv], {
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
    cwd,
    env: { ...process.env, PATH: searchPath(), ...env },
  })
}
