import { z } from 'zod'
import { type DocumentKind, parseDocument } from '../exam/parse-document.ts'
import { resultSchema } from '../exam/result-schema.ts'
import type { Comparison } from './comparison-types.ts'
import { priceSchema } from './result-schema.ts'

const comparisonSchema = z
  .strictObject({
    version: z.literal(1),
    exam: resultSchema,
    price: priceSchema,
  })
  .meta({
    title: 'Glovebox comparison',
    description: 'What isolation gives and what it costs: glovebox compare --json.',
  })

/** The published JSON schema of comparisons (draft 2020-12), as the text of schema/comparison.schema.json. */
export function comparisonJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(comparisonSchema), null, 2)}\n`
}

const KIND: DocumentKind = {
  ...{ code: 'COMPARISON_INVALID', what: 'a comparison', mostBytes: 128 * 2 ** 20 },
  command: 'glovebox compare --json > FILE',
}

/**
 * Reads a comparison back.
 *
 * @param name what the text is called in an error: its path
 * @throws GloveboxError COMPARISON_INVALID
 */
export function parseComparison(text: string, name: string): Comparison {
  // zod's types allow `undefined` in what is optional; JSON has no such value.
  return parseDocument(comparisonSchema, text, name, KIND) as Comparison
}
