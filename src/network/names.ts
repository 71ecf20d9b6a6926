import type { NetworkFacts } from '../host/types.ts'
import { LINK } from '../plan/link.ts'
import { parseRange } from '../policy/address.ts'
import { formatTarget } from '../policy/network-rule.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import { specialRange } from '../policy/special-ranges.ts'
import { type ClassTable, classesOf, LAN_CLASS } from './classes.ts'
import { EXTRA_TYPES, type ResolverPolicy } from './resolver.ts'

/** Under this name the box finds the services of the machine that it may use. */
export const HOST_NAME = 'host.glovebox'

/** Domains of a LAN: RFC 6762, 8375, the ICANN's resolution on .internal, and habit. Others are named one by one. */
const LAN_DOMAINS = ['local', 'lan', 'home', 'home.arpa', 'internal', 'intranet', 'localdomain'] as const

/** What the box's resolver is told, to fit the rules made of the same policy and table. Pure. */
export function resolverPolicyOf(
  policy: OpenNetwork,
  facts: NetworkFacts,
  table: ClassTable = [],
): ResolverPolicy {
  const { classes } = classesOf(policy.allow, table)
  const inward = lanNames(policy)
  return {
    any: policy.internet,
    allow: classes.flatMap(({ number, names }) => names.map((name) => ({ name, classes: [number] }))),
    inward: inward.map((name) => ({ name, classes: [LAN_CLASS] })),
    deny: policy.deny.flatMap(({ target }) => (target.kind === 'name' ? [target.name] : [])),
    types: policy.internet || classes.length > 0 ? [...EXTRA_TYPES] : [],
    refuse: [...facts.hostAddresses, ...facts.lanRanges].filter(isGlobal),
    grant: inward.length > 0 ? [...facts.segments] : [],
    hosts:
      policy.host.length > 0
        ? [{ name: HOST_NAME, addresses: [LINK.pasta.address4, LINK.pasta.address6] }]
        : [],
  }
}

/** The resolver knows most of the others by itself, and the firewall closes every one. */
function isGlobal(text: string): boolean {
  const range = parseRange(text)
  return range !== undefined && specialRange(range) === undefined
}

export function lanNames({ lan }: OpenNetwork): string[] {
  if (lan === false) return []
  if (lan === 'segment') return LAN_DOMAINS.map((domain) => `*.${domain}`)
  return lan.filter(({ kind }) => kind === 'name').map(formatTarget)
}
