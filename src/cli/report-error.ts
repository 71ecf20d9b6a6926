import { GloveboxError } from '../errors.ts'
import { printable } from '../policy/quote.ts'
import { safeJson } from './print.ts'
import { systemError } from './system-error.ts'
import { hasColour, styled } from './text.ts'

/** 2 for a command line that cannot be understood, 130 for Ctrl-C, 1 for the rest. */
export function exitCodeOf(error: unknown): number {
  if (isAbort(error)) return 130
  return error instanceof GloveboxError && error.audience === 'usage' ? 2 : 1
}

/** Writes an error to stderr: what, why and what to do; as JSON where the command was asked for JSON. */
export function reportError(thrown: unknown, json: boolean): void {
  if (isBrokenPipe(thrown)) return
  const error = systemError(thrown) ?? thrown
  if (json) process.stderr.write(`${safeJson({ error: errorData(error) })}\n`)
  else process.stderr.write(errorText(error, hasColour(process.stderr)))
  if (process.env['GLOVEBOX_DEBUG']) process.stderr.write(`${chain(error)}\n`)
}

/** For programs. */
export function errorData(error: unknown): Record<string, unknown> {
  if (!(error instanceof GloveboxError))
    return { code: isAbort(error) ? 'INTERRUPTED' : 'INTERNAL', message: messageOf(error) }
  const { code, audience, message, remedy, details } = error
  return { code, audience, message, ...(remedy === undefined ? {} : { remedy }), details }
}

/** For people. Messages quote names out of images and boxes, so each line is escaped. */
export function errorText(error: unknown, colour: boolean): string {
  const lines = messageOf(error).split('\n').map(printable)
  const head = `${styled('glovebox:', 'red', colour)} ${lines.join('\n  ')}\n`
  const remedy = remedyOf(error)
  if (remedy === undefined) return head
  return `${head}${styled('  →', 'bold', colour)} ${remedy.split('\n').map(printable).join('\n    ')}\n`
}

function messageOf(error: unknown): string {
  if (isAbort(error)) return 'Stopped, as you asked.'
  if (error instanceof GloveboxError) return error.message
  return `Something in Glovebox itself failed: ${error instanceof Error ? error.message : String(error)}`
}

function remedyOf(error: unknown): string | undefined {
  if (error instanceof GloveboxError) return error.remedy
  return isAbort(error) ? undefined : 'Please report it, with what GLOVEBOX_DEBUG=1 shows.'
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** Whoever read the output has seen enough (`glovebox ps | head -1`). */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EPIPE'
}

function chain(error: unknown): string {
  const stacks: string[] = []
  for (let one: unknown = error; one !== undefined && stacks.length < 10; one = (one as Error).cause)
    stacks.push(one instanceof Error ? (one.stack ?? one.message) : String(one))
  return stacks.map((stack) => stack.split('\n').map(printable).join('\n')).join('\nCaused by: ')
}
