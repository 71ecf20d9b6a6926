import { GloveboxError } from '../errors.ts'

/** The error for a command line that cannot be understood; exit code 2. */
export function usageError(code: string, message: string, remedy: string): GloveboxError {
  return new GloveboxError({ code, audience: 'usage', message, remedy })
}
