import { z } from 'zod'
import {
  type AskedNetwork,
  NETWORK_NAME,
  NETWORK_NAME_WORDS,
  NETWORK_WORDS,
  networkConflict,
  networkOf,
} from './network.ts'
import { formatHostService, formatPublication, parseHostService, parsePublication } from './network-ports.ts'
import {
  formatRule,
  formatTarget,
  LEAST_RATE,
  type ListName,
  MOST_RATE,
  parseListed,
  RULE_EXAMPLE,
} from './network-rule.ts'
import { CLOSED, type NetworkRates, type OpenNetwork } from './network-types.ts'
import { badValue, formatSize, parseSize } from './units.ts'

/* The `network` of a policy file: a word, or a mapping of what is open. */

/** As many as an allow list may have. */
const MAX_RULES = 16_000
const MAX_PORTS = 256

/** A text, read by `parse`, whose complaint stands at its place. */
function textField<T>(parse: (text: string) => T) {
  return z.union([z.string(), z.number()], { error: 'expected a text' }).transform((value, context): T => {
    try {
      return parse(String(value))
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, input: value })
      return z.NEVER
    }
  })
}

const rules = (list: ListName) => z.array(textField((text) => parseListed(text, list))).max(MAX_RULES)

function readSent(text: string): number {
  const source = { name: 'network.rates.sent', example: 'sent: 1M' }
  const bytes = parseSize(text, source)
  if (bytes >= LEAST_RATE && bytes <= MOST_RATE) return bytes
  throw badValue(text, source, 'it is less than 1K or more than 8G a second')
}

const rates = z
  .strictObject({
    sent: textField(readSent).optional().describe('What the box sends, in bytes a second. Example: 1M.'),
    flows: z.int().min(1).max(1_000_000).optional().describe('New connections a second. Example: 100.'),
  })
  .transform(
    ({ sent, flows }): NetworkRates => ({
      ...(sent === undefined ? {} : { bytesPerSecond: sent }),
      ...(flows === undefined ? {} : { newFlowsPerSecond: flows }),
    }),
  )

const openNetwork = z
  .strictObject({
    internet: z
      .boolean()
      .optional()
      .describe('Every global address that is neither this machine nor of a network that it is in.'),
    lan: z
      .union([z.boolean(), z.array(textField((text) => parseListed(text, 'lan').target)).max(MAX_PORTS)], {
        error: 'expected true for the whole network of this machine, or a list of hosts',
      })
      .optional()
      .describe(
        'The networks that this machine is in, whole (true), or these hosts of them; never this machine.',
      ),
    allow: rules('allow')
      .optional()
      .describe(`Names and addresses that are open; no other name is asked for. Example: ${RULE_EXAMPLE}.`),
    deny: rules('deny').optional().describe('Names and addresses that are closed, whatever opens them.'),
    host: z
      .array(textField(parseHostService))
      .max(MAX_PORTS)
      .optional()
      .describe("Services of this machine's loopback, reached as host.glovebox. Example: 631 or 631/udp."),
    publish: z
      .array(textField(parsePublication))
      .max(MAX_PORTS)
      .optional()
      .describe('Ports of the box, reached from this machine at PORT: [ADDRESS:]PORT[:BOXPORT][/udp].'),
    join: z
      .string()
      .regex(NETWORK_NAME, `this is ${NETWORK_NAME_WORDS}`)
      .optional()
      .describe('A network of boxes: those that join the same name reach each other.'),
    rates: rates.optional().describe('Bounds on the whole of what the box sends.'),
  })
  .transform((file, context): OpenNetwork => {
    const { internet = false, lan = false, join, ...lists } = file
    const network: OpenNetwork = {
      ...CLOSED,
      ...Object.fromEntries(Object.entries(lists).filter(([, value]) => value !== undefined)),
      internet,
      lan: lan === true ? 'segment' : typeof lan === 'object' && lan.length === 0 ? false : lan,
      ...(join === undefined ? {} : { join }),
    }
    const conflict = networkConflict(network)
    if (conflict !== undefined)
      context.addIssue({ code: 'custom', message: `network: ${conflict}.`, input: file })
    return network
  })

export const networkField = z
  .union([z.enum(NETWORK_WORDS), openNetwork])
  .transform((network): AskedNetwork => (typeof network === 'string' ? networkOf(network) : network))

/** The value that {@link networkField} reads as this network, as JSON, which is YAML. */
export function formatNetwork(network: AskedNetwork): string {
  if (typeof network === 'string') return network
  const { internet, lan, allow, deny, host, publish, join } = network
  const { bytesPerSecond, newFlowsPerSecond } = network.rates
  return JSON.stringify({
    internet,
    lan: typeof lan === 'object' ? lan.map(formatTarget) : lan === 'segment',
    allow: allow.map(formatRule),
    deny: deny.map(formatRule),
    host: host.map(formatHostService),
    publish: publish.map(formatPublication),
    join,
    rates: {
      sent: bytesPerSecond === undefined ? undefined : formatSize(bytesPerSecond),
      flows: newFlowsPerSecond,
    },
  })
}
