import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import type { NetworkFacts } from '../host/types.ts'
import { withFileLock } from '../image/lock.ts'
import { type ClassTable, classesOf } from '../network/classes.ts'
import { checkFit } from '../network/fit.ts'
import { networkFiles } from '../network/gate.ts'
import { MOST_ADDRESSES, rulesBefore } from '../network/history.ts'
import { resolverPolicyOf } from '../network/names.ts'
import { MOST_AT_ONCE, scriptsOf } from '../network/pieces.ts'
import { resolverFile } from '../network/resolver.ts'
import { type ResolverLine, type ResolverQuestion, readResolverLine } from '../network/resolver-log.ts'
import { gateRules } from '../network/ruleset.ts'
import { withAllow, withDeny } from '../policy/network-change.ts'
import { readRule } from '../policy/network-list.ts'
import { formatRule } from '../policy/network-rule.ts'
import type { NetworkRule, OpenNetwork } from '../policy/network-types.ts'
import type { BoxContext } from './context.ts'
import { findGate, type Gate, readGateFacts, readGatePolicy, rereadNames, runNft } from './gate.ts'

/** What a live change was about. */
export type NetworkVerb = 'allow' | 'deny'

interface GateState {
  readonly generation: number
  readonly table: ClassTable
}

const LOCK_WAIT = { waitMs: 30_000, askEveryMs: 20, what: "change the box's network" }
/** How often rules are loaded again because the machine moved in the meantime. */
const MOST_ROUNDS = 8
/** The resolver reads a policy within milliseconds; one that takes seconds is none that can be counted on. */
const [MOST_ASKED, ASK_EVERY_MS] = [500, 10]

/**
 * Opens or closes something for a running box, at once and for what is connected already (docs/decisions/022-live-network.md).
 *
 * @param text a rule in words
 * @returns the policy that is in force now
 * @throws GloveboxError NETWORK_HISTORY_LOST where it is in force, but may not close all; NETWORK_RULE_INVALID, NETWORK_UNCHANGED where it would change nothing, NETWORK_NOT_CHANGED, NETWORK_DOES_NOT_FIT, and what findGate() says
 */
export async function changeNetwork(
  context: BoxContext,
  nameOrId: string,
  verb: NetworkVerb,
  text: string,
): Promise<OpenNetwork> {
  const rule = readRule(text, verb)
  const gate = findGate(context, nameOrId)
  return withFileLock(networkFiles(gate.dir).lock, LOCK_WAIT, () => change(gate, verb, rule))
}

async function change(gate: Gate, verb: NetworkVerb, rule: NetworkRule): Promise<OpenNetwork> {
  const before = readGatePolicy(gate)
  const changed = verb === 'allow' ? withAllow(before, rule) : withDeny(before, rule)
  if ('nothing' in changed) throw unchanged(verb, rule, changed.nothing)
  const { policy } = changed
  const last = readState(gate)
  const { table } = classesOf(policy.allow, last.table)
  // What is closed is closed for flows that are there, too: only those that are open still go over into the new generation.
  const state = { generation: last.generation + (verb === 'deny' ? 1 : 0), table }
  const { facts } = readGateFacts(gate)
  checkFit(policy, facts)
  // The rules are made once before anything is changed, so that what cannot be done is known by then.
  gateRules(policy, facts, rulesBefore(policy, state, [], now()))
  try {
    await putNames(gate, policy, facts, state.table)
    await putRules(gate, policy, state)
  } catch (error) {
    // The old rules are in force still, and the names go with them again.
    await putNames(gate, before, facts, last.table)
    throw error
  }
  // By now it remembers elements that the new sets may not have.
  await reread(gate)
  const files = networkFiles(gate.dir)
  replace(files.state, JSON.stringify(state))
  replace(files.policy, JSON.stringify(policy))
  if (verb === 'deny' && rule.target.kind === 'name' && (policy.internet || policy.lan !== false))
    checkHistory(gate, rule)
  return policy
}

/**
 * Where more than names opens addresses, a name is closed by what it was answered with, as the log has it. A box that asks on and on
 * makes the log lose that.
 */
function checkHistory(gate: Gate, rule: NetworkRule): void {
  const lines = networkFiles(gate.dir).namesLog.flatMap((path) => linesOf(readFileSync(path, 'latin1')))
  const whole = lines.every((line) => line.kind !== 'lost' && (line.kind !== 'half' || line.goneLines === 0))
  const fits = new Set(lines.flatMap(addressesIn)).size <= MOST_ADDRESSES
  if (whole && fits) return
  throw new GloveboxError({
    code: 'NETWORK_HISTORY_LOST',
    audience: 'usage',
    message: `${formatRule(rule)} is denied, and answered no more; but what the box was answered before is not known whole any more: it has asked for too many names. An address that it had by then may be open still.`,
    remedy: 'Deny the addresses that glovebox network log BOX shows, or start the box anew with this denied.',
  })
}

const addressesIn = (line: ResolverLine): readonly string[] =>
  line.kind === 'question' ? line.addresses : []

const now = (): number => Date.now() / 1000

/** The resolver first: what it was still to answer by the old policy is in the log when the rules are made. */
async function putNames(
  gate: Gate,
  policy: OpenNetwork,
  facts: NetworkFacts,
  table: ClassTable,
): Promise<void> {
  // In place, as the resolver holds the file open; half of it is refused (its last line is missing), and the old one stays.
  writeFileSync(networkFiles(gate.dir).names, resolverFile(resolverPolicyOf(policy, facts, table)))
  await reread(gate)
}

/** Returns when the resolver goes by its new policy. */
async function reread(gate: Gate): Promise<void> {
  const had = lastReading(gate)?.atSeconds ?? 0
  await rereadNames(gate)
  for (let asked = 0; asked < MOST_ASKED; asked++) {
    const last = lastReading(gate)
    if (last !== undefined && last.atSeconds > had) {
      if (last.kind === 'policy') return
      break
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
  throw notTaken()
}

/** When the resolver has last read a policy, and whether it took it. */
function lastReading(gate: Gate): ResolverLine | undefined {
  const readings = networkFiles(gate.dir)
    .namesLog.flatMap((path) => linesOf(readEnd(path), '"event":"policy'))
    .filter(({ kind }) => kind === 'policy' || kind === 'policy-refused')
  return readings.toSorted((a, b) => a.atSeconds - b.atSeconds).at(-1)
}

/** A whole half of the log: who floods it shall not hide from us that the resolver has read its policy. */
const END_BYTES = 4 * 1024 * 1024

function readEnd(path: string): string {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const from = Math.max(0, size - END_BYTES)
    const bytes = Buffer.alloc(size - from)
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, from))
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    closeSync(fd)
  }
}

/** The machine may get an address between the look at it and the load: then once more (readGateFacts). */
async function putRules(gate: Gate, policy: OpenNetwork, state: GateState): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { facts } = readGateFacts(gate)
    const before = rulesBefore(policy, state, questionsOf(gate), now())
    for (const script of scriptsOf(gateRules(policy, facts, before), MOST_AT_ONCE))
      await runNft(gate, ['-f', '-'], script)
    if (JSON.stringify(readGateFacts(gate).facts) === JSON.stringify(facts)) return
  }
  throw new GloveboxError({
    code: 'NETWORK_NOT_CHANGED',
    audience: 'host',
    message: "Cannot change the rules of the box's network: this machine's addresses do not come to rest.",
    remedy: 'Try again.',
  })
}

const questionsOf = (gate: Gate): ResolverQuestion[] =>
  networkFiles(gate.dir)
    .namesLog.flatMap((path) => linesOf(readFileSync(path, 'latin1')))
    .filter((line): line is ResolverQuestion => line.kind === 'question')

/** Its whole lines, of which only those that have `part` in them are looked at. */
const linesOf = (text: string, part = ''): ResolverLine[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line) => (line.includes(part) ? (readResolverLine(line) ?? []) : []))

function readState(gate: Gate): GateState {
  const policy = readGatePolicy(gate)
  try {
    return JSON.parse(readFileSync(networkFiles(gate.dir).state, 'utf8')) as GateState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    // Nobody has changed anything yet.
    return { generation: 0, table: classesOf(policy.allow).table }
  }
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

function notTaken(): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_NOT_CHANGED',
    audience: 'host',
    message: "Cannot change the box's network: its resolver did not take the new policy.",
    remedy: 'See what is in force with: glovebox network show BOX',
  })
}

function unchanged(verb: NetworkVerb, rule: NetworkRule, why: string): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_UNCHANGED',
    audience: 'usage',
    message: `Cannot ${verb} ${formatRule(rule)}: ${why}.`,
    remedy: 'See what is in force with: glovebox network show BOX',
  })
}
