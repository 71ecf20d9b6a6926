import { z } from 'zod'
import { GloveboxError } from '../errors.ts'
import { DEFAULT_POLICY } from './default.ts'
import { GRANT_NAMES, GRANTS } from './grants.ts'
import { LIMIT_KINDS, parseLimit, UNLIMITED } from './limits.ts'
import { networkField } from './network-schema.ts'
import { LIMIT_NAMES, type LimitName } from './types.ts'

/** A limit as a file holds it, parsed; null stands for `unlimited`, which a file may say to lift a default. */
function limitField(name: LimitName) {
  const { field, format, example, description } = LIMIT_KINDS[name]
  const preset = DEFAULT_POLICY.limits[field]
  return z
    .union([z.string(), z.number()], { error: `expected a value such as ${example}, or ${UNLIMITED}` })
    .transform((value, context) => {
      try {
        return (
          parseLimit(name, String(value), { name: `limits.${name}`, example: `${name}: ${example}` }) ?? null
        )
      } catch (error) {
        if (!(error instanceof GloveboxError)) throw error
        context.addIssue({ code: 'custom', message: `${error.message} ${error.remedy ?? ''}`, input: value })
        return z.NEVER
      }
    })
    .optional()
    .describe(
      `${description}. Example: ${example}. Default: ${preset === undefined ? UNLIMITED : format(preset)}.`,
    )
}

/** Every limit by its name; written out, as zod's types need the very keys. */
const limitsSchema = z.strictObject({
  memory: limitField('memory'),
  cpus: limitField('cpus'),
  processes: limitField('processes'),
  'open-files': limitField('open-files'),
  disk: limitField('disk'),
  wall: limitField('wall'),
} satisfies Readonly<Record<LimitName, unknown>>)

const grantWords = GRANT_NAMES.map((name) => `${name}: ${GRANTS[name].gives}; ${GRANTS[name].price}.`)

/** What a policy file may hold. Every field may be left out; unknown ones are refused. */
export const policyFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema; not read.'),
    network: networkField
      .optional()
      .describe(
        'What the box reaches of the network. none: nothing but its own loopback. internet: every global address, and never this machine or its local networks. lan: these networks, and never this machine. image: internet for an image that asks for a network, else none. Or a mapping of what is open. Default: image.',
      ),
    grants: z
      .array(z.enum(GRANT_NAMES))
      .max(32)
      .optional()
      .describe(`What the box may do beyond the default. ${grantWords.join(' ')} Default: none.`),
    limits: limitsSchema
      .optional()
      .describe(
        `Bounds on what the box uses up. K, M, G and T are powers of 1024; ${UNLIMITED} lifts a default.`,
      ),
    'allow-unenforced': z
      .array(z.enum(LIMIT_NAMES))
      .max(32)
      .optional()
      .describe(
        'Limits that are waived where the host cannot enforce them; all others are an error there. ' +
          'The default of disk is waived by itself; one that is written down is not.',
      ),
  })
  .meta({ title: 'Glovebox policy', description: 'What a box may do.' })

export type PolicyFile = z.output<typeof policyFileSchema>

/** The published JSON schema of policy files (draft 2020-12), as the text of schema/policy.schema.json. */
export function policyJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(policyFileSchema, { io: 'input' }), null, 2)}\n`
}
