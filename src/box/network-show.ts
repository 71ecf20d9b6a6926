import type { OpenNetwork } from '../policy/network-types.ts'
import type { Policy } from '../policy/types.ts'
import { describePolicy } from '../policy/words.ts'
import type { BoxContext } from './context.ts'
import { findGate, type Gate, readGateFacts, readGatePolicy, runNft } from './gate.ts'
import { findBox } from './state.ts'

/** The network of a running box, as it is in force. */
export interface NetworkStatus {
  /** Id of the box. */
  readonly box: string
  readonly policy: OpenNetwork
  /** The same in words. */
  readonly words: string
  /** What is refused as this machine's own. */
  readonly refused: {
    readonly addresses: readonly string[]
    readonly networks: readonly string[]
    /** Came as the machine moved while the box ran. */
    readonly moved: readonly string[]
  }
  /** The nftables rules, with the elements of their sets, as the kernel has them. */
  readonly rules: string
}

/** @throws GloveboxError what findGate() and runNft() say */
export async function showNetwork(context: BoxContext, nameOrId: string): Promise<NetworkStatus> {
  const gate = findGate(context, nameOrId)
  const policy = readGatePolicy(gate)
  const { facts, moved } = readGateFacts(gate)
  const { record } = findBox(context.paths.boxes, gate.box)
  const atStart = facts.lanRanges.filter((range) => !moved.includes(range))
  return {
    box: gate.box,
    policy,
    words: networkWords({ ...record.plan.policy, network: policy }),
    refused: { addresses: facts.hostAddresses, networks: atStart, moved },
    rules: await rulesOf(gate),
  }
}

const rulesOf = (gate: Gate): Promise<string> => runNft(gate, ['list', 'table', 'inet', 'glovebox'])

/** What describePolicy() says of reaching; of limits and grants nothing. */
function networkWords(policy: Policy): string {
  return describePolicy(policy).split('\n\n').slice(0, 2).join('\n\n')
}
