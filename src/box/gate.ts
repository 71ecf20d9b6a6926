import { readFileSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { rereadInGate, runInGate } from '../host/gate.ts'
import { readNetworkFacts } from '../host/network-facts.ts'
import { isAlive, type ProcessIdentity } from '../host/process-identity.ts'
import type { NetworkFacts } from '../host/types.ts'
import { networkFiles } from '../network/gate.ts'
import { movedRanges } from '../network/refused.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import { printable } from '../policy/quote.ts'
import type { BoxContext } from './context.ts'
import { boxFiles, findBox, liveness, readSupervisor } from './state.ts'

/** The network of a running box, seen from outside (docs/decisions/022-live-network.md). */
export interface Gate {
  /** Id of the box. */
  readonly box: string
  /** The box's folder; {@link networkFiles} are below it. */
  readonly dir: string
  readonly holder: string
  /** Path of nft(8), as at the start. */
  readonly nft: string
  readonly anchor: ProcessIdentity
  readonly keeper: ProcessIdentity
}

/**
 * The gate of a running box that has a network.
 *
 * @throws GloveboxError BOX_NOT_FOUND, BOX_NOT_RUNNING, BOX_HAS_NO_NETWORK, GATE_CLOSED
 */
export function findGate(context: BoxContext, nameOrId: string): Gate {
  const { dir, record } = findBox(context.paths.boxes, nameOrId)
  const { box, network, policy } = record.plan
  const supervisor = readSupervisor(dir)
  if (supervisor === undefined || liveness(dir, record) !== 'running') throw notRunning(nameOrId)
  if (network === undefined || policy.network === 'none') throw noNetwork(nameOrId)
  const processes = readGate(dir, supervisor.outer.bootId)
  if (processes === undefined || !isAlive(processes.anchor) || !isAlive(processes.keeper))
    throw closed(nameOrId)
  context.checkPrograms()
  return { box: box.id, dir, holder: context.holder, nft: network.tools.nft, ...processes }
}

function readGate(dir: string, bootId: string): Pick<Gate, 'anchor' | 'keeper'> | undefined {
  const line = readOptional(boxFiles(dir).gate)
  const [, anchor = '', anchorStart = '', keeper = '', keeperStart = ''] =
    /^(\d+) (\d+) (\d+) (\d+)\n$/.exec(line) ?? []
  if (anchor === '') return undefined
  return {
    anchor: { pid: Number(anchor), startTime: anchorStart, bootId },
    keeper: { pid: Number(keeper), startTime: keeperStart, bootId },
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/**
 * nft(8) in the gate, with `script` on its standard input.
 *
 * @returns its standard output
 * @throws GloveboxError NETWORK_NOT_CHANGED with nft's words; what {@link runInGate} says
 */
export async function runNft(gate: Gate, argv: readonly string[], script = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await runInGate(gate.holder, gate.anchor, [gate.nft, ...argv], script)
  if (exitCode === 0) return stdout
  throw notChanged(stderr.trim() === '' ? `nft ended with ${exitCode}` : printable(stderr.trim()))
}

/** Has the resolver read its policy anew. @throws GloveboxError NETWORK_NOT_CHANGED */
export async function rereadNames(gate: Gate): Promise<void> {
  const { exitCode, stderr } = await rereadInGate(gate.holder, gate.keeper)
  if (exitCode !== 0) throw notChanged(printable(stderr.trim()))
}

/** The policy in force, as {@link networkFiles} has it. */
export function readGatePolicy({ dir }: Gate): OpenNetwork {
  return JSON.parse(readFileSync(networkFiles(dir).policy, 'utf8')) as OpenNetwork
}

export interface GateFacts {
  /** What is refused as this machine's own: that of the start, of its moves since, and of now. */
  readonly facts: NetworkFacts
  /** Ranges that were added as the machine moved. */
  readonly moved: readonly string[]
}

/**
 * What new rules of this gate must refuse. The supervisor writes down what it is about to add (native/roam.c), so whoever loads
 * rules asks again afterwards, and loads once more where the answer has changed: nothing that the machine gets is lost between the two.
 */
export function readGateFacts({ dir }: Gate): GateFacts {
  const files = networkFiles(dir)
  const atStart = JSON.parse(readFileSync(files.facts, 'utf8')) as NetworkFacts
  const moved = movedRanges(readFileSync(files.refused, 'utf8'), atStart)
  const now = readNetworkFacts()
  const single = moved.flatMap((range) => /^(.*)\/(?:32|128)$/.exec(range)?.[1] ?? [])
  const facts: NetworkFacts = {
    families: atStart.families,
    hostAddresses: [...new Set([...atStart.hostAddresses, ...now.hostAddresses, ...single])],
    lanRanges: [...new Set([...atStart.lanRanges, ...now.lanRanges, ...moved])],
    // What is open of the LAN is what the user saw when the box was started.
    segments: atStart.segments,
  }
  return { facts, moved }
}

function notRunning(nameOrId: string): GloveboxError {
  return new GloveboxError({
    code: 'BOX_NOT_RUNNING',
    audience: 'usage',
    message: `Cannot look at the network of box ${nameOrId}: it is not running.`,
    remedy: 'See what runs with: glovebox ps',
  })
}

function noNetwork(nameOrId: string): GloveboxError {
  return new GloveboxError({
    code: 'BOX_HAS_NO_NETWORK',
    audience: 'usage',
    message: `Cannot look at the network of box ${nameOrId}: it was started without one.`,
    remedy: 'Start it with: glovebox run --network internet …',
  })
}

function closed(nameOrId: string): GloveboxError {
  return new GloveboxError({
    code: 'GATE_CLOSED',
    audience: 'host',
    message: `Cannot look at the network of box ${nameOrId}: its gate is closed, or not open yet.`,
    remedy:
      'See what happened with: glovebox events BOX. A closed network opens again when the box is started anew.',
  })
}

function notChanged(why: string): GloveboxError {
  return new GloveboxError({
    code: 'NETWORK_NOT_CHANGED',
    audience: 'host',
    message: `Cannot change or read the rules of the box's network: ${why}`,
    remedy: 'What was in force before is in force still. See it with: glovebox network show BOX',
  })
}
