import { GloveboxError } from '../errors.ts'

/** What native/handover gives: returns the number of an error, and does not return without one. */
type Become = (words: string, environment: string) => number

/**
 * This process becomes another program (execve(2)): what it was is gone, and its memory with it.
 *
 * @param library the compiled native/handover
 * @param command an absolute path, and its arguments
 * @throws GloveboxError HANDOVER_FAILED
 */
export function becomeProgram(
  library: string,
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): never {
  const module: { exports: unknown } = { exports: {} }
  process.dlopen(module, library)
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const error = (module.exports as Become)(terminated(command), terminated(variables))
  throw new GloveboxError({
    code: 'HANDOVER_FAILED',
    audience: 'host',
    message: `Cannot start ${command[0]}: execve(2) ended with error ${error}.`,
    remedy: 'Compile it anew with: glovebox setup',
  })
}

/** A NUL ends each string; one within a string would be another argument, or another variable. */
function terminated(strings: readonly string[]): string {
  const broken = strings.find((one) => one.includes('\0'))
  if (broken !== undefined) throw new Error(`A NUL byte in ${JSON.stringify(broken.slice(0, 100))}.`)
  return strings.map((one) => `${one}\0`).join('')
}
