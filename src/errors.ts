/** Who must act on an error; it decides the exit code of the command line (2 for usage, 1 for the rest). */
export type ErrorAudience = 'usage' | 'host' | 'image' | 'box' | 'internal'

export interface ErrorParts {
  /** Stable, upper snake case: what programs test for. */
  readonly code: string
  readonly audience: ErrorAudience
  /** What happened, then why: "Cannot start box web: the image browser is not in the store." */
  readonly message: string
  /** What to do next, as a sentence or a command. */
  readonly remedy?: string
  readonly cause?: unknown
  /** Data for programs: the names, limits or paths that the message speaks of. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * The one error class of the public interface.
 *
 * @example
 * throw new GloveboxError({ code: 'IMAGE_NOT_FOUND', audience: 'image',
 *   message: 'Cannot run image "web": no image of this name is in the store.',
 *   remedy: 'List the images with: glovebox image list' })
 */
export class GloveboxError extends Error {
  override readonly name = 'GloveboxError'
  readonly code: string
  readonly audience: ErrorAudience
  readonly remedy: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  /** Each bundle of the command line has a copy of this class; an error of one is an error for all. */
  static override [Symbol.hasInstance](value: unknown): value is GloveboxError {
    return value instanceof Error && value.name === 'GloveboxError'
  }

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = parts.code
    this.audience = parts.audience
    this.remedy = parts.remedy
    this.details = parts.details ?? {}
  }
}
