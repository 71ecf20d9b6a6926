import type { Frame } from './frames.ts'
import type { NodeName } from './topology.ts'

/** Something that reached a node. */
export interface Arrival {
  readonly node: NodeName
  readonly protocol: 'tcp' | 'udp' | 'dns'
  /** Of the node. */
  readonly address: string
  readonly port: number
  /** Whom the node takes for the sender. */
  readonly peer: string
  readonly peerPort: number
  /** The first bytes as text, or the name that was asked for; empty for a connection that has said nothing yet. */
  readonly text: string
}

/** The process in the lab is asked to tell, under this number, when each node has told of all that had reached it. */
export interface SettleRequest {
  readonly settle: number
}

/** What the process in the lab is asked for, by number. */
export interface LabRequest {
  readonly id: number
  readonly node: NodeName
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** It has all rights in the lab, as root of these computers would: it sends frames of any kind. */
  readonly powerful?: boolean
  /** What it reads; `terminal`: its streams are those that the lab was given (LabOptions.terminal). */
  readonly input: string | { readonly terminal: true }
}

/** What it answers. */
export type LabMessage =
  /** Its last word before it serves; the lab's own tells the processes whose namespaces the nodes are, as this machine numbers them. */
  | { readonly ready: true; readonly pids?: Readonly<Record<NodeName, number>> }
  | { readonly failed: string }
  | { readonly arrival: Arrival }
  | { readonly frame: Frame }
  /** Behind all that had reached the node, or the lab, by then. */
  | { readonly settled: number }
  | { readonly id: number; readonly out: string }
  | { readonly id: number; readonly err: string }
  | { readonly id: number; readonly code: number }

/** A node's setup, as it reads it from its standard input. */
export interface NodeSetup {
  readonly node: NodeName
  readonly batch: string
}
