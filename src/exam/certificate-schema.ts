import { z } from 'zod'
import { GloveboxError } from '../errors.ts'
import { type Certificate, PREDICATE_TYPE, STATEMENT_TYPE } from './certificate.ts'
import { digest, time } from './result-schema.ts'
import { ASSETS, SEVERITIES, VERDICTS } from './types.ts'

const word = z.string().max(256)
const line = z.string().max(65_536)
const lines = z.array(line).max(512)
const count = z.int().nonnegative().max(100_000)

const combinationSchema = z.strictObject({
  ...{ glovebox: word, kernel: word, machine: word, distribution: word, asRoot: z.boolean() },
  ...{ engine: word, tools: z.array(line).max(64), image: digest, policy: digest, catalogue: digest },
})

const predicateSchema = z.strictObject({
  ...{ exam: z.string().regex(/^[0-9a-f]{1,64}$/), startedAt: time, endedAt: time },
  combination: combinationSchema,
  about: z.strictObject({
    ...{ image: line, policy: lines, cpu: word, lsm: line, notes: lines, neverStarted: line.optional() },
  }),
  probes: count,
  verdicts: z.partialRecord(z.enum(ASSETS), z.partialRecord(z.enum(VERDICTS), count)),
  breaches: z
    .array(z.strictObject({ probe: word, title: line, severity: z.enum(SEVERITIES), reason: line }))
    .max(1000),
})

const certificateSchema = z
  .strictObject({
    _type: z.literal(STATEMENT_TYPE),
    subject: z
      .array(
        z.strictObject({
          name: line,
          digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
        }),
      )
      .length(2),
    predicateType: z.literal(PREDICATE_TYPE),
    predicate: predicateSchema,
  })
  .refine(
    ({ subject, predicate: { combination } }) =>
      [combination.image, combination.policy].every(
        (bound, at) => bound === `sha256:${subject[at]?.digest.sha256}`,
      ),
    'its subject is another image or policy than the one examined',
  )
  .refine(
    ({ predicate: { verdicts, breaches } }) =>
      ASSETS.reduce((sum, asset) => sum + (verdicts[asset]?.breach ?? 0), 0) === breaches.length,
    'it counts other breaches than it lists',
  )

export const MOST_CERTIFICATE_BYTES = 4 * 2 ** 20

/**
 * Reads a certificate, from wherever it came.
 *
 * @param name what the text is called in an error: its path
 * @throws GloveboxError CERTIFICATE_INVALID
 */
export function parseCertificate(text: string, name: string): Certificate {
  if (Buffer.byteLength(text) > MOST_CERTIFICATE_BYTES) throw invalid(name, 'it is larger than 4 MiB')
  const parsed = certificateSchema.safeParse(parseJson(text, name))
  // zod's types allow `undefined` in what is optional; JSON has no such value.
  if (parsed.success) return parsed.data as Certificate
  const [issue] = parsed.error.issues
  throw invalid(
    name,
    `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'is not what it must be'}`,
  )
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(name, 'it is not JSON', cause)
  }
}

function invalid(name: string, why: string, cause?: unknown): GloveboxError {
  return new GloveboxError({
    code: 'CERTIFICATE_INVALID',
    audience: 'usage',
    message: `Cannot read ${name} as the certificate of an exam: ${why}.`,
    remedy: 'Write one with: glovebox exam --engine container --certificate FILE',
    cause,
  })
}
