import type { Policy } from '../sdk.ts'
import { DEFAULT_POLICY, policyFromFlags, readNetworkWords, readPolicyFile } from '../sdk.ts'
import type { OptionSpecs, OptionValues } from './command.ts'

const LIMITS = ['memory', 'cpus', 'processes', 'open-files', 'disk', 'wall'] as const

/** The options that say what a box may do; `run` and `policy show` share them. */
export const POLICY_OPTIONS = {
  policy: { value: 'FILE', help: 'Take the policy of a YAML or JSON file; the options below change it' },
  network: {
    value: 'NETWORK',
    many: true,
    help: 'What it reaches: none, internet, lan, lan:HOST, host:PORT, allow:FILE (default: as its image asks)',
  },
  publish: {
    value: 'PORT',
    many: true,
    help: 'Let this machine connect to a port of the box: [ADDRESS:]PORT[:BOXPORT][/udp]',
  },
  join: { value: 'NAME', help: 'Let boxes that join the same name reach each other' },
  memory: { value: 'SIZE', help: 'Memory of the whole box, such as 512M' },
  cpus: { value: 'NUMBER', help: "CPUs' worth of time, such as 1.5" },
  processes: { value: 'COUNT', help: 'Processes and threads together (default 4096)' },
  'open-files': { value: 'COUNT', help: 'Open files of each process (default 65536)' },
  disk: { value: 'SIZE', help: 'What the box may write (default 2G)' },
  wall: { value: 'TIME', help: 'End the box after this time, such as 30s or 2h' },
  'allow-unenforced': {
    value: 'LIMIT',
    many: true,
    help: 'Go on where this host cannot hold that limit',
    choices: LIMITS,
  },
  grant: {
    value: 'GRANT',
    many: true,
    help: 'Allow more than the default; see: glovebox help policy',
    choices: ['user-namespaces'],
  },
} as const satisfies OptionSpecs

/**
 * The policy that the options ask for; undefined where they say nothing, which is the default policy.
 *
 * @throws GloveboxError BAD_VALUE, UNKNOWN_GRANT, UNKNOWN_LIMIT, POLICY_INVALID, POLICY_UNREADABLE, UNKNOWN_NETWORK, NETWORK_CONFLICT,
 *   NETWORK_LIST_INVALID, NETWORK_LIST_UNREADABLE
 */
export async function readPolicy(options: OptionValues<typeof POLICY_OPTIONS>): Promise<Policy> {
  // Reading files takes zod and yaml, which a start without a file must not wait for.
  const base = options.policy === undefined ? DEFAULT_POLICY : await readPolicyFile(options.policy)
  const { memory, cpus, processes, disk, wall, join, publish } = options
  const network = options.network.length === 0 ? undefined : await readNetworkWords(options.network)
  const flags = { network, join, memory, cpus, processes, openFiles: options['open-files'], disk, wall }
  return policyFromFlags(
    {
      ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
      publish,
      allowUnenforced: options['allow-unenforced'],
      grant: options.grant,
    },
    base,
  )
}

/** The policy's options once more, as words for `glovebox run`: the box is started as a user starts it. */
export function policyWords(options: OptionValues<typeof POLICY_OPTIONS>): string[] {
  return (Object.keys(POLICY_OPTIONS) as (keyof typeof POLICY_OPTIONS)[]).flatMap((name) => {
    const value = options[name]
    if (value === undefined) return []
    return (typeof value === 'string' ? [value] : value).flatMap((word) => [`--${name}`, word])
  })
}
