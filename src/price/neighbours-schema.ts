import { z } from 'zod'
import { line, word } from '../exam/result-schema.ts'
import { ENGINE_NAMES } from '../plan/engine-names.ts'
import type { NeighbourSide } from './result-types.ts'
import { STRESSES } from './result-types.ts'
import { figure, isOrdered, noTwice, ORDERED, sampleSchema } from './sample-schema.ts'

const NAMES = ['bare', ...ENGINE_NAMES] as const satisfies readonly NeighbourSide['name'][]

const degradationSchema = z
  .strictObject({
    alone: sampleSchema,
    beside: sampleSchema,
    percent: figure.describe('Loss of the median; below 0 where it was quicker.'),
    low: figure.describe('Bound of its 95 % bootstrap interval.'),
    high: figure,
    equal: z.boolean(),
  })
  .refine(isOrdered, ORDERED)
  .describe('Answers a second, without and with the bomb next door.')

const stressSchema = z.discriminatedUnion('state', [
  z.strictObject({ stress: z.enum(STRESSES), state: z.literal('not measured'), reason: line }),
  z.strictObject({
    stress: z.enum(STRESSES),
    state: z.literal('measured'),
    well: degradationSchema.describe('The well-behaved server.'),
    bad: degradationSchema
      .optional()
      .describe('A second server in the box that misbehaves; absent where it did not report.'),
    work: word.describe('What the bomb did, counted: that it really ran.'),
  }),
])

export const neighboursSchema = z
  .strictObject({
    bounds: z.array(line).max(100).describe('What a bomb takes at the most, in sentences.'),
    sides: z
      .array(
        z.strictObject({
          name: z.enum(NAMES).describe('bare is two processes of the host without any box.'),
          emulated: z.boolean(),
          stresses: z
            .array(stressSchema)
            .max(STRESSES.length)
            .refine(noTwice('stress'), 'it has a stress twice'),
        }),
      )
      .max(NAMES.length)
      .refine(noTwice('name'), 'it has a technology twice'),
  })
  .describe('What a bad neighbour did.')
