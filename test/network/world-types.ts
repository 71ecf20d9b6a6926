import type { Answer, Entry } from '../../src/lab/dns.ts'

/** What the authority says about one name. */
export interface Zone {
  readonly answers?: readonly Entry[]
  readonly authority?: readonly Entry[]
  readonly rcode?: number
  /**
   * `silent`: no reply to datagrams; `truncated`: TC over UDP; `forged`: another id, another question and other capitals come
   * before the true reply; `liar`: only such ones, over UDP; `raw`: these bytes behind the id.
   */
  readonly how?: 'silent' | 'truncated' | 'forged' | 'liar' | { readonly raw: string }
}

/** A question as it reached the authority. */
export interface Asked {
  readonly name: string
  readonly type: number
  readonly transport: 'udp' | 'tcp'
  readonly port: number
  readonly id: number
  /** The OPT record and all that follows the question, in hex. */
  readonly rest: string
}

export interface AskOptions {
  readonly transport?: 'udp' | 'tcp'
  readonly address?: '127.0.0.1' | '::1'
  /** EDNS options in hex; no EDNS without. */
  readonly edns?: string
}

/** The two halves of a log, and a copy. */
export interface FlowFiles {
  readonly halves: readonly [string, string]
  readonly copy?: string
}

/** What the test may have done inside of the namespace. */
export interface WorldCalls {
  zone(zones: Readonly<Record<string, Zone>>): void
  /** Everything that reached the authority since the last time. */
  asked(): readonly Asked[]
  ask(name: string, type: number, options: AskOptions): Promise<Answer | 'no answer'>
  /** Bytes in hex as a datagram to the resolver; the reply in hex. */
  raw(bytes: string): Promise<string>
  nft(...words: string[]): string
  /** Writes the policy and sends SIGHUP. */
  policy(text: string): void
  start(policy: string, words: readonly string[]): void
  /** Of the resolver's own lines in /proc/PID/status. */
  status(name: string): string
  openFiles(): readonly string[]
  stop(signal: NodeJS.Signals): Promise<number | string>
  /** SIGTERM, and its log is read only when that has filled its pipe. */
  stopUnread(): Promise<number | string>
  /** Instead of the resolver: the log of flows, with NFLOG's group 7. */
  startFlows(): void
  /** As `startFlows`, with these files instead of a pipe; it is ready then. */
  startFlowsInto(files: FlowFiles, words: readonly string[]): Promise<void>
  /**
   * The resolver and the log of flows, joined as in a gate by `pair` (with_pair.c). SIGUSR1 halts the log of flows, SIGUSR2 lets it go
   * on.
   */
  startBoth(pair: string, policy: string, flowWords: readonly string[]): void
  /** Asks for these names, several at once, and sends a datagram to the address of each as soon as it is answered; how many were. */
  askAndSend(names: readonly string[], port: number): Promise<number>
  /** Instead of the resolver: what the loopback interface carries, into the file. */
  startCapture(file: string, words: readonly string[]): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** Sends bytes to an echo server on the authority's address, over TCP, and keeps the connection; its local port. */
  connect(bytes: number): Promise<number>
  /** Datagrams to these ports of the authority's address; how many the kernel took. */
  datagrams(ports: readonly number[]): Promise<number>
  run(...words: string[]): string
  /** So many datagrams over loopback, each received before the next one is sent; the port they went to. */
  deliver(count: number): Promise<number>
}

export type LogLine = Readonly<Record<string, unknown>>
