import { GloveboxError } from '../errors.ts'
import { DEFAULT_POLICY } from './default.ts'
import { GRANT_NAMES } from './grants.ts'
import { LIMIT_KINDS, parseLimit, UNLIMITED, withLimit } from './limits.ts'
import { didYouMean } from './nearest.ts'
import { type AskedNetwork, checkNetwork, NETWORK_NAME, NETWORK_NAME_WORDS } from './network.ts'
import { parsePublication } from './network-ports.ts'
import { CLOSED, type OpenNetwork } from './network-types.ts'
import { quote } from './quote.ts'
import { LIMIT_NAMES, type LimitName, type Policy } from './types.ts'

/** The policy flags of `glovebox run`, as the user wrote them. */
export interface PolicyFlags {
  readonly memory?: string
  readonly cpus?: string
  readonly processes?: string
  readonly openFiles?: string
  readonly disk?: string
  readonly wall?: string
  readonly allowUnenforced?: readonly string[]
  readonly grant?: readonly string[]
  /** What `--network` means, in place of the base's. */
  readonly network?: AskedNetwork
  readonly publish?: readonly string[]
  readonly join?: string
}

/** The field of {@link PolicyFlags} for each limit; its flag is the limit's own name behind two dashes. */
export const LIMIT_FLAGS: Readonly<
  Record<LimitName, Exclude<keyof PolicyFlags, 'allowUnenforced' | 'grant' | 'network' | 'publish' | 'join'>>
> = {
  memory: 'memory',
  cpus: 'cpus',
  processes: 'processes',
  'open-files': 'openFiles',
  disk: 'disk',
  wall: 'wall',
}

/**
 * The policy that the flags ask for, on top of a base. A limit is replaced (`unlimited` takes it away), grants and
 * waivers are added. A limit given here loses a waiver of the base: who asks for a bound is told when it cannot hold.
 *
 * @throws GloveboxError BAD_VALUE, UNKNOWN_GRANT, UNKNOWN_LIMIT, NETWORK_CONFLICT
 */
export function policyFromFlags(flags: PolicyFlags, base: Policy = DEFAULT_POLICY): Policy {
  let { limits } = base
  let waived = base.allowUnenforced
  for (const name of LIMIT_NAMES) {
    const text = flags[LIMIT_FLAGS[name]]
    if (text === undefined) continue
    const example = `--${name} ${LIMIT_KINDS[name].example} (or ${UNLIMITED})`
    limits = withLimit(limits, name, parseLimit(name, text, { name: `--${name}`, example }))
    waived = waived.filter((one) => one !== name)
  }
  const grants = (flags.grant ?? []).map((name) => oneOf(name, GRANT_NAMES, GRANT_WORDS))
  const added = (flags.allowUnenforced ?? []).map((name) => oneOf(name, LIMIT_NAMES, LIMIT_WORDS))
  return {
    network: withAdditions(flags.network ?? base.network, flags),
    grants: [...new Set([...base.grants, ...grants])],
    limits,
    allowUnenforced: [...new Set([...waived, ...added])],
  }
}

/** Published ports and a joined network come on top; where nobody says what else is open, nothing else is. */
function withAdditions(network: AskedNetwork, { publish = [], join }: PolicyFlags): AskedNetwork {
  if (publish.length === 0 && join === undefined) return network
  const open: OpenNetwork = typeof network === 'string' ? CLOSED : network
  return checkNetwork({
    ...open,
    publish: [...open.publish, ...publish.map(readPublication)],
    ...(join === undefined ? {} : { join: checkJoin(join) }),
  })
}

function readPublication(text: string): OpenNetwork['publish'][number] {
  try {
    return parsePublication(text)
  } catch (error) {
    throw badFlag('--publish', (error as Error).message, '--publish 8080:80')
  }
}

function checkJoin(name: string): string {
  if (NETWORK_NAME.test(name)) return name
  throw badFlag('--join', `${quote(name)} is ${NETWORK_NAME_WORDS}`, '--join team')
}

const badFlag = (flag: string, why: string, example: string): GloveboxError =>
  new GloveboxError({
    code: 'BAD_VALUE',
    audience: 'usage',
    message: `Cannot use ${flag}: ${why}.`,
    remedy: `Write it as in: ${example}`,
  })

interface NameWords {
  readonly code: string
  readonly flag: string
  readonly kind: string
}
const GRANT_WORDS: NameWords = { code: 'UNKNOWN_GRANT', flag: '--grant', kind: 'grant' }
const LIMIT_WORDS: NameWords = { code: 'UNKNOWN_LIMIT', flag: '--allow-unenforced', kind: 'limit' }

function oneOf<T extends string>(name: string, allowed: readonly T[], words: NameWords): T {
  const found = allowed.find((one) => one === name)
  if (found !== undefined) return found
  throw new GloveboxError({
    code: words.code,
    audience: 'usage',
    message: `Cannot use ${quote(name)} for ${words.flag}: there is no ${words.kind} of this name.${didYouMean(name, allowed)}`,
    remedy: `Choose from: ${allowed.join(', ')}`,
    details: { name, allowed },
  })
}
