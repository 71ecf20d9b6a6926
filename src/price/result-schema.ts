import { z } from 'zod'
import { type DocumentKind, parseDocument } from '../exam/parse-document.ts'
import { hostSchema, id, line, milliseconds, subjectSchema, time, word } from '../exam/result-schema.ts'
import { ENGINE_NAMES } from '../plan/engine-names.ts'
import { neighboursSchema } from './neighbours-schema.ts'
import type { PriceResult } from './result-types.ts'
import { GROUPS, UNITS } from './result-types.ts'
import { noTwice, ratioSchema, sampleSchema } from './sample-schema.ts'

/* The published shape of a price. What is read back may come from anywhere: nothing in it is unbounded, and no name is unknown. */

const metricId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected a word of small letters')

const metricSchema = z
  .strictObject({
    id: metricId,
    group: z.enum(GROUPS),
    title: word,
    unit: z.enum(UNITS).describe('MB is 10^6 bytes; times are of a clock that only goes forward.'),
    better: z.enum(['less', 'more']),
    says: line.describe('What one unit of it is, and how it is known that the work was done.'),
  })
  .describe('One thing that is measured, alike on all sides.')

const figureSchema = z.discriminatedUnion('state', [
  z.strictObject({
    metric: metricId,
    state: z.literal('not measured'),
    reason: line.describe('An engine cannot give it, or the work was not done.'),
  }),
  z.strictObject({
    metric: metricId,
    state: z.literal('measured'),
    box: sampleSchema,
    bare: sampleSchema
      .optional()
      .describe('The same work on the bare host, its runs between those of the box.'),
    ratio: ratioSchema.optional().describe('Absent with bare.'),
    noisy: z.boolean().describe('Its interval is so wide that nobody should lean on it.'),
  }),
])

const sideSchema = z
  .strictObject({
    subject: subjectSchema.extend({ engine: z.enum(ENGINE_NAMES) }),
    emulated: z.boolean().describe('Its processor is emulated in software.'),
    figures: z.array(figureSchema).max(500).refine(noTwice('metric'), 'it has a metric twice'),
    disturbance: z
      .strictObject({ share: z.number().nonnegative(), metric: metricId })
      .optional()
      .describe('The share of a run that is the measuring itself, where it is largest.'),
    warnings: z
      .array(line)
      .max(100)
      .describe('What a reader must know before leaning on a figure, in sentences.'),
    milliseconds,
  })
  .describe('One technology, measured beside the bare host: their runs take turns.')

export const priceSchema = z
  .strictObject({
    version: z.literal(1),
    id,
    startedAt: time,
    endedAt: time,
    glovebox: word,
    host: hostSchema,
    quick: z.boolean().describe('Fewer and shorter runs: wider intervals.'),
    command: z.array(line).max(1024).optional().describe("The user's own command, where one was given."),
    metrics: z
      .array(metricSchema)
      .max(500)
      .refine(noTwice('id'), 'it has a metric twice')
      .describe('What was measured, in the order in which it is told.'),
    sides: z.array(sideSchema).max(100),
    neighbours: neighboursSchema.optional(),
  })
  .refine(({ metrics, sides }) => {
    const known = new Set(metrics.map((metric) => metric.id))
    return sides.every(({ figures }) => figures.every(({ metric }) => known.has(metric)))
  }, 'it has a figure of a metric that it does not describe')
  .meta({ title: 'Glovebox price', description: 'What isolation costs on a machine: glovebox price --json.' })

/** The published JSON schema of prices (draft 2020-12), as the text of schema/price.schema.json. */
export function priceJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(priceSchema), null, 2)}\n`
}

/** Five technologies with thirty runs of each metric are 300 KB. */
export const MOST_PRICE_BYTES = 64 * 2 ** 20

const KIND: DocumentKind = {
  ...{ code: 'PRICE_RESULT_INVALID', what: 'the result of a price', mostBytes: MOST_PRICE_BYTES },
  command: 'glovebox price --json > FILE',
}

/**
 * Reads a price back.
 *
 * @param name what the text is called in an error: its path
 * @throws GloveboxError PRICE_RESULT_INVALID
 */
export function parsePrice(text: string, name: string): PriceResult {
  return withoutAbsent(parseDocument(priceSchema, text, name, KIND))
}

/** zod's types allow `undefined` in what is optional; JSON has no such value. */
const withoutAbsent = (value: z.output<typeof priceSchema>): PriceResult => value as PriceResult
