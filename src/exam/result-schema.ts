import { z } from 'zod'
import { type DocumentKind, parseDocument } from './parse-document.ts'
import type { ExamResult } from './result-types.ts'
import { ASSETS, type Attacker, SEVERITIES, VERDICTS } from './types.ts'

/* The published shape of a result. What is read back may come from anywhere: nothing in it is unbounded, and no name is unknown. */

/** Evidence is cut to 300 characters; what a tool of the host says when it fails may be longer. */
export const line = z.string().max(65_536)
export const word = z.string().max(256)
export const milliseconds = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits')
export const id = z.string().regex(/^[0-9a-f]{1,64}$/, 'expected hex digits')
/** ISO 8601 in UTC, as Date.toISOString writes it. */
export const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, 'expected a time in UTC')
const ATTACKERS = [
  'user in the box',
  'root in the box',
  "the image's author",
  'a remote peer',
] as const satisfies readonly Attacker[]

export const hostSchema = z
  .strictObject({
    kernel: word.describe('Release of the kernel, as uname -r says it.'),
    machine: word.describe("The processor's architecture, as Node names it."),
    distribution: word,
    uid: z.int().nonnegative().describe('User id that held the exam.'),
    cpu: word,
    lsm: line.describe('Active Linux security modules, as the kernel lists them.'),
  })
  .describe('The machine that the exam speaks of.')

export const subjectSchema = z
  .strictObject({
    kind: z.enum(['engine', 'foreign']).describe('One of ours, or another sandbox by its command line.'),
    name: line,
    argv: z.array(line).max(1024).describe('The command line, with {} for the probe program.'),
    tools: z.array(line).max(64).describe('Name and version of each tool that makes it.'),
    engine: word.optional(),
    image: z.strictObject({ ref: line, digest: word }).optional(),
    policy: z
      .strictObject({ digest, says: z.array(line).max(512) })
      .optional()
      .describe("sha256 of the policy's canonical JSON, and the policy in words."),
    notes: z.array(line).max(64).describe('Emulation and the like, which a reader must know.'),
  })
  .describe('What was examined.')

const controlSchema = z.strictObject({ state: z.enum(['reached', 'not reached', 'failed']), evidence: line })

const findingSchema = z.strictObject({
  probe: word,
  number: z.int().nonnegative(),
  asset: z.enum(ASSETS),
  title: line,
  severity: z.enum(SEVERITIES),
  attacker: z.enum(ATTACKERS),
  verdict: z.enum(VERDICTS).describe('Only held counts as held.'),
  reason: line.describe('The evidence of a breach, or why it is not one.'),
  controls: z
    .strictObject({ bare: controlSchema, holed: controlSchema, negative: controlSchema })
    .optional()
    .describe('Without a sandbox and with the hole opened it must reach; without a canary it must not.'),
  attempts: z.array(z.strictObject({ reached: z.boolean(), failed: z.boolean(), evidence: line })).max(1000),
  milliseconds,
})

export const resultSchema = z
  .strictObject({
    version: z.literal(1),
    id,
    startedAt: time,
    endedAt: time,
    glovebox: word,
    host: hostSchema,
    only: z.union([z.literal('all'), z.array(word).max(1000)]).describe('What of the catalogue was asked.'),
    subjects: z
      .array(
        z.strictObject({
          subject: subjectSchema,
          neverStarted: line.optional().describe('Why it never came up.'),
          findings: z.array(findingSchema).max(1000),
          milliseconds,
        }),
      )
      .max(100),
  })
  .meta({ title: 'Glovebox exam', description: 'What an isolation exam found: glovebox exam --json.' })

/** The published JSON schema of results (draft 2020-12), as the text of schema/exam.schema.json. */
export function examJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(resultSchema), null, 2)}\n`
}

/** A whole catalogue on a dozen subjects is 2 MB. */
export const MOST_RESULT_BYTES = 64 * 2 ** 20

/**
 * Reads a result back.
 *
 * @param name what the text is called in an error: its path
 * @throws GloveboxError EXAM_RESULT_INVALID
 */
export function parseResult(text: string, name: string): ExamResult {
  return withoutAbsent(parseDocument(resultSchema, text, name, KIND))
}

const KIND: DocumentKind = {
  ...{ code: 'EXAM_RESULT_INVALID', what: 'the result of an exam', mostBytes: MOST_RESULT_BYTES },
  command: 'glovebox exam --json > FILE',
}

/** zod's types allow `undefined` in what is optional; JSON has no such value. */
const withoutAbsent = (value: z.output<typeof resultSchema>): ExamResult => value as ExamResult
