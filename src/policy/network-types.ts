/** What a box reaches of the network. Plain data, parsed once at the border (network-rule.ts, network-flags.ts, network-schema.ts). */
export type NetworkPolicy = 'none' | OpenNetwork

/**
 * What is not opened here is closed. The machine itself is never reached by what opens a network, in none of its addresses
 * and names: only `host` opens single ports of it.
 */
export interface OpenNetwork {
  /** Every global address that is neither the machine's nor of a network that it is in. */
  readonly internet: boolean
  /** The networks that the machine is in: all of them (`segment`), or these hosts of theirs only; false: none. */
  readonly lan: false | 'segment' | readonly NetworkTarget[]
  /** Beside the LAN: these are all there is, and then no other name is asked for. Empty where `internet` is open. */
  readonly allow: readonly NetworkRule[]
  /** Stronger than everything that opens. */
  readonly deny: readonly NetworkRule[]
  /** Services of this machine's loopback, reached as `host.glovebox`. */
  readonly host: readonly HostService[]
  /** Ports of the box that are reached from this machine, or from where `from` says. */
  readonly publish: readonly Publication[]
  /** A network of boxes of this name, beside all else. */
  readonly join?: string
  readonly rates: NetworkRates
}

export const TRANSPORTS = ['tcp', 'udp', 'icmp'] as const
/** `icmp` means echo requests, of both families. */
export type Transport = (typeof TRANSPORTS)[number]

export interface NetworkRule {
  readonly target: NetworkTarget
  /** Empty: TCP, UDP and ICMP, on every port. */
  readonly services: readonly RuleService[]
  /** Sent by the box over this rule; absent: not bounded. */
  readonly bytesPerSecond?: number
}

export type NetworkTarget =
  /** In lower case, without the last dot: `example.org`, or `*.example.org` for every name below it. */
  | { readonly kind: 'name'; readonly name: string }
  /** `ADDRESS` or `ADDRESS/BITS`, as formatRange() writes it. */
  | { readonly kind: 'range'; readonly range: string }

export interface RuleService {
  readonly transport: Transport
  /** Of the destination, in ascending order; empty: all of them. `icmp` has none. */
  readonly ports: readonly PortRange[]
}

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number
  readonly last: number
}

export interface HostService {
  readonly transport: 'tcp' | 'udp'
  readonly port: number
}

export interface Publication {
  readonly transport: 'tcp' | 'udp'
  /** Of this machine. */
  readonly port: number
  readonly boxPort: number
  /** `machine`: only its own loopback listens, at 127.0.0.1. An address of the machine's: whoever reaches that one. */
  readonly from: string
}

/** Bounds on the whole of what the box sends; absent: not bounded. */
export interface NetworkRates {
  readonly bytesPerSecond?: number
  readonly newFlowsPerSecond?: number
}

/** A network of its own, and nothing open in it. */
export const CLOSED: OpenNetwork = Object.freeze({
  internet: false,
  lan: false,
  allow: Object.freeze([]),
  deny: Object.freeze([]),
  host: Object.freeze([]),
  publish: Object.freeze([]),
  rates: Object.freeze({}),
})

/** Of a publication: only this machine reaches it. */
export const FROM_MACHINE = 'machine'
