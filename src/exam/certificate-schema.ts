import { z } from 'zod'
import { type Certificate, PREDICATE_TYPE, STATEMENT_TYPE } from './certificate.ts'
import { type DocumentKind, parseDocument } from './parse-document.ts'
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

const KIND: DocumentKind = {
  ...{ code: 'CERTIFICATE_INVALID', what: 'the certificate of an exam', mostBytes: MOST_CERTIFICATE_BYTES },
  command: 'glovebox exam --engine container --certificate FILE',
}

/**
 * Reads a certificate, from wherever it came.
 *
 * @param name what the text is called in an error: its path
 * @throws GloveboxError CERTIFICATE_INVALID
 */
export function parseCertificate(text: string, name: string): Certificate {
  // zod's types allow `undefined` in what is optional; JSON has no such value.
  return parseDocument(certificateSchema, text, name, KIND) as Certificate
}
