import { chooseIds, readIdSource } from '../../../host/ids.ts'
import { currentPaths } from '../../../host/paths.ts'
import { resolverPath } from '../../../host/view.ts'
import type { Frame } from '../../../lab/frames.ts'
import { labProgram } from '../../../lab/program.ts'
import { type Lab, startLab } from '../../../lab/start.ts'
import { type NodeName, onSegment } from '../../../lab/topology.ts'
import type { Arrival } from '../../../lab/types.ts'
import type { ExamHost } from '../../host.ts'
import type { Scene } from '../../scene.ts'
import { Session } from '../../session.ts'
import { Kept } from './kept.ts'
import { arp, BROADCAST_MAC, ETHER, ethernet, hexOf } from './packets.ts'

/** Milliseconds for the probe program to come up in a node, and for a frame to get to the witness. */
const START_MS = 30_000
const FRAME_MS = 3000
const FRAME_ROUNDS = 8
/** Numbers of the segment that no node has. */
const UNUSED = { first: 100, count: 150 } as const
const PORTS = { first: 20_000, count: 10_000 } as const

/**
 * The test LAN of an exam (docs/test-lan.md): the sandbox starts on its node `host`, as on a user's machine, and the other nodes
 * and the segment are the witnesses. No packet leaves this machine, and nothing of the user's own LAN is ever asked.
 */
export class TestLan implements AsyncDisposable {
  readonly #lab: Lab
  readonly #scene: Scene
  readonly #arrivals: Kept<Arrival>
  readonly #frames: Kept<Frame>
  readonly #sessions = new Map<NodeName, Promise<Session>>()
  #given = 0

  private constructor(scene: Scene, lab: Lab) {
    this.#scene = scene
    this.#lab = lab
    this.#arrivals = new Kept(lab.arrivals)
    this.#frames = new Kept(lab.frames)
  }

  static async start(scene: Scene): Promise<TestLan> {
    const ids = scene.host.uid === 0 ? {} : { ids: chooseIds(readIdSource()) }
    return new TestLan(
      scene,
      await startLab({ self: labProgram(), witness: resolverPath(currentPaths()), ...ids }),
    )
  }

  /** Words that start a command in a node; `powerful` gives an ordinary user's command the rights of root over the node's network. */
  within(node: NodeName, powerful = false): [string, ...string[]] {
    const pid = String(this.#lab.pidOf(node))
    return [this.#scene.program, 'probe', 'net-within', pid, powerful ? 'all' : 'plain']
  }

  /** The probe program in a node, as root of that computer. */
  async at(node: NodeName): Promise<Session> {
    const known = this.#sessions.get(node)
    if (known !== undefined) return known
    const argv = [...this.within(node, true), this.#scene.program, 'probe'] as const
    const opened = Session.start({ argv, startMs: START_MS, signal: this.#scene.signal })
    this.#sessions.set(node, opened)
    return opened
  }

  /** Another computer of the segment. */
  neighbour(): Promise<Session> {
    return this.at('victim')
  }

  /** What has reached a node by now and fits. */
  async arrival(fits: (arrival: Arrival) => boolean): Promise<Arrival | undefined> {
    await this.#lab.settle()
    return this.#arrivals.find(fits)
  }

  /** Waits for an arrival that fits, for so long at the most. */
  awaitArrival(fits: (arrival: Arrival) => boolean, timeoutMs: number): Promise<boolean> {
    return this.#arrivals.until(fits, timeoutMs)
  }

  /** What was on the segment by now and fits: a frame of the neighbour's is the last of it. */
  async frame(fits: (frame: Frame) => boolean): Promise<Frame | undefined> {
    const nonce = this.#scene.nonce()
    const mac = `02:${nonce.slice(0, 10).match(/../g)?.join(':')}`
    const [address] = onSegment(UNUSED.first + UNUSED.count)
    const last = ethernet(BROADCAST_MAC, mac, ETHER.arp, arp(2, mac, address, address))
    // A busy segment may lose one; whoever has seen this one has seen what went before it.
    for (let round = 0; round < FRAME_ROUNDS; round++) {
      await (await this.neighbour()).ask('net-frame', [hexOf(last)])
      if (await this.#frames.until(({ from }) => from === mac, FRAME_MS)) return this.#frames.find(fits)
    }
    throw new Error(
      'the witness of the segment did not see the last frame, so nobody knows what else it missed',
    )
  }

  /** An address of the segment that nobody has, and nobody was given before. */
  unusedAddress(): string {
    return onSegment(UNUSED.first + (this.#given++ % UNUSED.count))[0]
  }

  /** A port that nobody listens at. */
  port(): number {
    return PORTS.first + (this.#given++ % PORTS.count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of await Promise.allSettled(this.#sessions.values()))
      if (session.status === 'fulfilled') await session.value.end()
    await this.#lab[Symbol.asyncDispose]()
  }
}

/** The exam's own LAN, which all probes of the network share. */
export function testLan(scene: Scene): Promise<TestLan> {
  return scene.shared('test LAN', () => TestLan.start(scene))
}

/** Why this machine can have no test LAN. */
export function lacksLan({ uid, tool, sysctl }: ExamHost): string | undefined {
  const wanted = [
    'unshare',
    'setpriv',
    'nsenter',
    'ip',
    'mount',
    ...(uid === 0 ? [] : ['newuidmap', 'newgidmap']),
  ]
  const missing = wanted.filter((name) => tool(name) === undefined)
  if (missing.length > 0) return `the test LAN cannot be made: ${missing.join(', ')} is not installed`
  if (uid === 0) return undefined
  if (sysctl('user.max_user_namespaces') === '0' || sysctl('kernel.unprivileged_userns_clone') === '0')
    return 'the test LAN cannot be made: this machine lets ordinary users make no user namespaces'
  return undefined
}
