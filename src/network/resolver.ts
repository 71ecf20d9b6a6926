import { isIP } from 'node:net'
import { GloveboxError } from '../errors.ts'

/** A name that a box may ask for, and which sets its addresses go into. */
export interface NameRule {
  /** `example.org`, or `*.example.org` for every name below it. */
  readonly name: string
  /** Numbers 0 … 63, one for each combination of protocols and ports that the firewall knows. */
  readonly classes: readonly number[]
}

export const EXTRA_TYPES = ['MX', 'SRV', 'TXT', 'PTR'] as const
export type ExtraType = (typeof EXTRA_TYPES)[number]

/** What the box's resolver is told (docs/decisions/016-resolver.md). */
export interface ResolverPolicy {
  /** Every name that nothing else refuses; without it only `allow` counts. */
  readonly any: boolean
  readonly allow: readonly NameRule[]
  /** Names as in a rule; stronger than all that allows them. */
  readonly deny: readonly string[]
  /** Beyond A, AAAA, CNAME, HTTPS and SVCB. */
  readonly types: readonly ExtraType[]
  /** Ranges, ADDRESS or ADDRESS/BITS, that answers must not point into, beside those that are nobody's on the internet. */
  readonly refuse: readonly string[]
  /** As `allow`; only answers for these names may point into the ranges of `grant`. */
  readonly inward: readonly NameRule[]
  /** Ranges that they may point into although they are refused otherwise. */
  readonly grant: readonly string[]
  /** Names with addresses that the resolver answers by itself. */
  readonly hosts: readonly { readonly name: string; readonly addresses: readonly string[] }[]
}

export const MAX_NAMES = 16_000
export const MAX_RANGES = 256
export const CLASSES = 64
const MAX_BYTES = 1 << 20

/** The text of a policy, as the resolver reads it. Pure.
 *
 * @throws GloveboxError RESOLVER_POLICY_INVALID: a name, range or class that the resolver would refuse, or too many
 */
export function resolverFile(policy: ResolverPolicy): string {
  const listed = [...policy.allow, ...policy.inward, ...policy.hosts].map(({ name }) => plain(name))
  const names = new Set([...listed, ...policy.deny.map(plain)])
  if (names.size > MAX_NAMES) throw invalid(`${names.size} names are more than ${MAX_NAMES}`)
  if (Math.max(policy.refuse.length, policy.grant.length) > MAX_RANGES)
    throw invalid(`there are more ranges than ${MAX_RANGES}`)
  const rules = (verb: string, list: readonly NameRule[]): string[] =>
    list.flatMap(({ name, classes }) => classes.map((one) => `${verb} ${checkName(name)} ${checkClass(one)}`))
  const lines = [
    ...(policy.any ? ['any'] : []),
    ...rules('allow', policy.allow),
    ...rules('inward', policy.inward),
    ...policy.deny.map((name) => `deny ${checkName(name)}`),
    ...(policy.types.length > 0 ? [`types ${policy.types.join(' ')}`] : []),
    ...policy.refuse.map((range) => `refuse ${checkRange(range)}`),
    ...policy.grant.map((range) => `grant ${checkRange(range)}`),
    ...policy.hosts.flatMap(({ name, addresses }) =>
      addresses.map((address) => `host ${checkName(name)} ${checkAddress(address)}`),
    ),
  ]
  const text = `${[...lines, 'end'].join('\n')}\n`
  if (text.length > MAX_BYTES) throw invalid(`the names have ${text.length} bytes, more than ${MAX_BYTES}`)
  return text
}

/** What a resolver is started with. Descriptors are numbers in the new process. */
export interface ResolverStart {
  readonly listen: readonly string[]
  readonly upstream: readonly string[]
  /** SO_MARK of its questions, by which the firewall knows them. */
  readonly mark: number
  readonly policyFd: number
  /** The two halves of the log. */
  readonly logFd: number
  readonly otherLogFd: number
  /** Where the log of flows is told the names. */
  readonly namesFd: number
  readonly uid: number
  readonly gid: number
}

export const RESOLVER_MARK = 0x67620001
export const RESOLVER_TABLE = 'glovebox'

/** The name of the set of one class, as the resolver fills it and the firewall declares it. */
export function addressSet(family: 4 | 6, of: number): string {
  return of === 0 ? `allowed${family}` : `allowed${family}_${checkClass(of)}`
}

/** Argument vector, without the program itself. Pure. */
export function resolverWords(start: ResolverStart): string[] {
  const numbers = {
    mark: start.mark,
    'policy-fd': start.policyFd,
    'log-fd': start.logFd,
    'log-other-fd': start.otherLogFd,
    'names-fd': start.namesFd,
    uid: start.uid,
    gid: start.gid,
  }
  return [
    ...start.listen.flatMap((address) => ['--listen', address]),
    ...start.upstream.flatMap((address) => ['--upstream', address]),
    ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...['--table', RESOLVER_TABLE, '--set4', addressSet(4, 0), '--set6', addressSet(6, 0)],
  ]
}

const plain = (name: string): string => name.replace(/^\*\./, '').toLowerCase()

function checkName(name: string): string {
  const bare = plain(name)
  if (bare.length > 253 || !/^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/.test(bare))
    throw invalid(`${JSON.stringify(name)} is no name of letters, digits, - and _ between dots`)
  return name.startsWith('*.') ? `*.${bare}` : bare
}

function checkClass(number: number): number {
  if (!Number.isInteger(number) || number < 0 || number >= CLASSES)
    throw invalid(`${number} is no class from 0 to ${CLASSES - 1}`)
  return number
}

function checkAddress(address: string): string {
  if (isIP(address) !== 0) return address
  throw invalid(`${JSON.stringify(address)} is no address`)
}

function checkRange(range: string): string {
  const [, address = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(range) ?? []
  const family = isIP(address)
  if (family === 0 || Number(bits ?? 0) > (family === 4 ? 32 : 128))
    throw invalid(`${JSON.stringify(range)} is no range ADDRESS/BITS`)
  return range
}

function invalid(why: string): GloveboxError {
  return new GloveboxError({
    code: 'RESOLVER_POLICY_INVALID',
    audience: 'usage',
    message: `Cannot tell the resolver what the box may ask for: ${why}.`,
    remedy: 'Correct the names and ranges of the network policy.',
  })
}
