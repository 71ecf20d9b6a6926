import type { z } from 'zod'
import { GloveboxError } from '../errors.ts'

/** What a kind of document is called where one cannot be read, and how one comes about. */
export interface DocumentKind {
  readonly code: string
  /** `the result of an exam`. */
  readonly what: string
  readonly mostBytes: number
  /** The command that writes one. */
  readonly command: string
}

/**
 * Reads JSON that may come from anywhere, by its schema.
 *
 * @param name what the text is called in an error: its path
 * @throws GloveboxError of the kind's code, with the first thing that is wrong
 */
export function parseDocument<T>(schema: z.ZodType<T>, text: string, name: string, kind: DocumentKind): T {
  const { mostBytes } = kind
  if (Buffer.byteLength(text) > mostBytes)
    throw invalid(name, `it is larger than ${mostBytes / 2 ** 20} MiB`, kind)
  const value = parseJson(text, name, kind)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.path[0] === 'version' && typeof (value as { version?: unknown }).version === 'number')
    throw invalid(name, 'it is of another version than this program reads', kind)
  throw invalid(
    name,
    `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'is not what it must be'}`,
    kind,
  )
}

function parseJson(text: string, name: string, kind: DocumentKind): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(name, 'it is not JSON', kind, cause)
  }
}

function invalid(name: string, why: string, { code, what, command }: DocumentKind, cause?: unknown) {
  return new GloveboxError({
    ...{ code, audience: 'usage', cause },
    message: `Cannot read ${name} as ${what}: ${why}.`,
    remedy: `Write one with: ${command}`,
  })
}
