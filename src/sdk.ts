/**
 * What other programs import, and all that the command line uses.
 *
 * @example
 * const glovebox = new Glovebox()
 * await using box = await glovebox.boxes.create({ image: 'base' })
 * const { exitCode, stdout } = await (await box.exec(['uname', '-a'])).result()
 */
import type { Readable } from 'node:stream'
import type { Box, ExecOptions } from './box/box.ts'
import * as boxes from './box/boxes.ts'
import { type BoxContext, openContext } from './box/context.ts'
import type { BoxEvent } from './box/event-types.ts'
import type { EventOptions } from './box/events.ts'
import type { FlowOptions } from './box/flows.ts'
import type { NetworkVerb } from './box/network-change.ts'
import type { NetworkStatus } from './box/network-show.ts'
import type { BoxRecord } from './box/state.ts'
import type { BoxSummary, ChangedPath } from './box/types.ts'
import { GloveboxError } from './errors.ts'
import { currentPaths, type HostPaths, openPaths } from './host/paths.ts'
import type { ReadUpper } from './image/commit.ts'
import type { OnProgress } from './image/types.ts'
import type { FlowLine } from './network/flow-log.ts'
import type { OpenNetwork } from './policy/network-types.ts'
import type { Policy } from './policy/types.ts'
import { Exams } from './sdk/exams.ts'
import { Host } from './sdk/host.ts'
import { Images } from './sdk/images.ts'
import { Prices } from './sdk/prices.ts'
import { type BoxAsk, type Settled, settleEngine } from './sdk/settle-engine.ts'
import { Snapshots } from './sdk/snapshots.ts'
import { Tools } from './sdk/tools.ts'

export type { Box, ExecOptions } from './box/box.ts'
export type { DryRun, OwnedBox } from './box/boxes.ts'
export type { EngineStatus } from './box/engines.ts'
export type { BoxEvent, BoxHappening } from './box/event-types.ts'
export type { EventOptions } from './box/events.ts'
export { explainFailure } from './box/explain.ts'
export type { FlowOptions } from './box/flows.ts'
export type { NetworkVerb } from './box/network-change.ts'
export type { NetworkStatus } from './box/network-show.ts'
export type { BoxProcess, ProcessResult } from './box/process.ts'
export type { BoxState, BoxSummary, ChangedPath } from './box/types.ts'
export type { Limitation } from './engine/types.ts'
export { GloveboxError } from './errors.ts'
export type { ExamResult, Finding as ExamFinding, SubjectResult } from './exam/result-types.ts'
export type { Asset, Probe, Severity, Verdict } from './exam/types.ts'
export { packageRoot, VERSION } from './host/build-info.ts'
export type { Finding } from './host/doctor.ts'
export type { ImageSummary, OnProgress, Progress } from './image/types.ts'
export type { Flow, FlowLine } from './network/flow-log.ts'
export type { BoxRequest, EngineName, Plan } from './plan/types.ts'
export { DEFAULT_POLICY } from './policy/default.ts'
export { policyFromFlags } from './policy/flags.ts'
export type { NetworkPolicy, NetworkRule, OpenNetwork } from './policy/network-types.ts'
export { readNetworkWords } from './policy/read-network.ts'
export type { GrantName, LimitName, Limits, Policy } from './policy/types.ts'
export { describePolicy } from './policy/words.ts'
export type { Candidate, Choice } from './price/choice-types.ts'
export type { PriceResult } from './price/result-types.ts'
export type { ExamOptions } from './sdk/exams.ts'
export type { Host, SetupPlan } from './sdk/host.ts'
export type { ChoiceOptions, PriceOptions } from './sdk/prices.ts'
export type { BoxAsk, Settled } from './sdk/settle-engine.ts'
export type { SnapshotSummary } from './sdk/snapshots.ts'
export type { ToolsFacts, ToolsUpdate } from './sdk/tools.ts'

/**
 * Reads a policy file, YAML or JSON.
 *
 * @throws GloveboxError POLICY_UNREADABLE, POLICY_INVALID with file, line and column
 */
export async function readPolicyFile(path: string): Promise<Policy> {
  const reader = await import('./policy/read-file.ts')
  return reader.readPolicyFile(path)
}

export interface GloveboxOptions {
  /** Where everything lies; the user's own folders where absent (XDG Base Directory Specification). */
  readonly paths?: HostPaths
}

/** Images and boxes of one user. Nothing is opened before it is needed. */
export class Glovebox {
  readonly images: Images
  readonly boxes: Boxes
  readonly host: Host
  readonly tools: Tools
  readonly snapshots: Snapshots
  readonly exams: Exams
  readonly prices: Prices
  readonly #paths: HostPaths
  #context: BoxContext | undefined

  constructor(options: GloveboxOptions = {}) {
    this.#paths = options.paths ?? currentPaths()
    const open = (): BoxContext => {
      this.#context ??= openContext(this.#paths)
      return this.#context
    }
    this.images = new Images(open)
    this.boxes = new Boxes(open, this.images, this.#paths)
    this.host = new Host(this.#paths)
    this.tools = new Tools(open)
    this.snapshots = new Snapshots(open)
    this.exams = new Exams(open)
    this.prices = new Prices(open)
  }

  /**
   * Removes what ended boxes, killed builds and killed exams left, and layers that no image or kept box needs.
   *
   * @returns what went, in numbers
   */
  async gc(): Promise<{ readonly boxes: number; readonly images: number; readonly exams: number }> {
    const [{ collectExams }, { examFolders }] = await Promise.all([
      import('./exam/leftovers.ts'),
      import('./exam/folders.ts'),
    ])
    return {
      boxes: await this.boxes.collect(),
      images: await this.images.collect(this.boxes.usedImages()),
      exams: await collectExams(examFolders(this.#paths.state).journals),
    }
  }
}

/** Boxes by name or id. */
export class Boxes {
  readonly #open: () => BoxContext
  readonly #images: Images
  readonly #paths: HostPaths

  constructor(open: () => BoxContext, images: Images, paths: HostPaths) {
    this.#open = open
    this.#images = images
    this.#paths = paths
  }

  /**
   * Names the technology of a request that leaves it to the image or to `auto`. All that starts a box does it, too.
   *
   * @param examOptions the options of `glovebox exam` that say the same image and policy, for commands that errors tell
   * @throws GloveboxError CHOICE_WITHOUT_EXAM, CHOICE_WITHOUT_PRICE, NOTHING_TO_CHOOSE, REQUIRE_WITHOUT_AUTO
   */
  settle(request: BoxAsk, examOptions?: readonly string[]): Promise<Settled> {
    return settleEngine(this.#open(), request, examOptions)
  }

  /** The frozen plan, the bundle and the command of a box that is not started. */
  async plan(ask: BoxAsk): Promise<boxes.DryRun> {
    const { request } = await this.settle(ask)
    return boxes.dryRun(this.#open(), request)
  }

  /**
   * Makes what a start of this box needs and what may take minutes the first time: for a virtual machine the image with
   * QEMU and the guest kernels, the disks, and with `warm` the kept memory. Nothing where all is there. Every start does
   * it, too, in silence.
   */
  async prepare(
    ask: BoxAsk,
    options: {
      readonly onProgress?: OnProgress
      /** Is told what the user should know and was not told before: that the processor is emulated, and why. */
      readonly onNotice?: (words: string) => void
    } = {},
  ): Promise<void> {
    const { request } = await this.settle(ask)
    await boxes.readyBoxParts(this.#open(), request, options)
  }

  /** Starts a box in the place of this process, with its terminal; does not return. */
  async run(ask: BoxAsk): Promise<never> {
    const { request } = await this.settle(ask)
    return boxes.runBox(this.#open(), request)
  }

  /** Runs a command in a running box in the place of this process; does not return. */
  execInPlace(nameOrId: string, command: readonly string[], options: ExecOptions): never {
    return boxes.execInPlace(this.#open(), nameOrId, command, options)
  }

  /** A box for this program to run commands in; it ends with `await using` or with the program. */
  async create(ask: BoxAsk = {}, options: { readonly signal?: AbortSignal } = {}): Promise<Box> {
    const { main, box } = await this.start(ask, options)
    main.stdin.end()
    main.stdout.resume()
    main.stderr.resume()
    return box
  }

  /** As `create`, and its first command's streams and exit code. */
  async start(ask: BoxAsk, options: { readonly signal?: AbortSignal } = {}): Promise<boxes.OwnedBox> {
    const { request } = await this.settle(ask)
    return boxes.createBox(this.#open(), request, options.signal)
  }

  /** A box that goes on after this program. */
  async detach(ask: BoxAsk): Promise<Box> {
    const { request } = await this.settle(ask)
    return boxes.startDetached(this.#open(), request)
  }

  /** @throws GloveboxError BOX_NOT_FOUND, BOX_AMBIGUOUS */
  async get(nameOrId: string): Promise<Box> {
    const { Box: found } = await import('./box/box.ts')
    return found.find(this.#open(), nameOrId)
  }

  list(): BoxSummary[] {
    return boxes.list(this.#open())
  }

  /**
   * What happens to boxes, whatever process does it: created, started, exec, exited, killed, failed, removed.
   *
   * @example
   * for await (const event of glovebox.boxes.events({ signal: AbortSignal.timeout(60_000) }))
   *   if (event.type === 'exited') console.log(event.box, event.exitCode)
   */
  async *events(options: EventOptions = {}): AsyncGenerator<BoxEvent, void> {
    const { readEvents } = await import('./box/events.ts')
    openPaths(this.#paths)
    yield* readEvents(this.#paths.boxes, options)
  }

  /**
   * What the network of a running box lets through: the policy, what is refused as this machine's own, and the rules that the
   * kernel has.
   *
   * @throws GloveboxError BOX_NOT_FOUND, BOX_NOT_RUNNING, BOX_HAS_NO_NETWORK, GATE_CLOSED
   */
  async network(nameOrId: string): Promise<NetworkStatus> {
    const { showNetwork } = await import('./box/network-show.ts')
    return showNetwork(this.#open(), nameOrId)
  }

  /**
   * Opens or closes something for a running box, at once and for what is connected already, as long as it runs.
   *
   * @param rule in words, as in an allow list: `TARGET [SERVICE…] [RATE/s]`, such as `example.org tcp:443`
   * @returns the network's policy that is in force now
   * @throws GloveboxError NETWORK_RULE_INVALID, NETWORK_UNCHANGED, NETWORK_NOT_CHANGED, NETWORK_DOES_NOT_FIT, and what {@link network} says
   */
  async changeNetwork(nameOrId: string, verb: NetworkVerb, rule: string): Promise<OpenNetwork> {
    const { changeNetwork } = await import('./box/network-change.ts')
    return changeNetwork(this.#open(), nameOrId, verb, rule)
  }

  /** A detached box's output. */
  async logs(
    nameOrId: string,
    options: { readonly follow?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<Readable> {
    const { readLogs } = await import('./box/logs.ts')
    return readLogs(boxes.folderOf(this.#open(), nameOrId), options.follow ?? false, options.signal)
  }

  /**
   * Whom a box talked to, and what it was refused, as it was seen from outside.
   *
   * @example
   * for await (const line of glovebox.boxes.flows('web', { follow: true }))
   *   if (line.kind === 'flow' && line.verdict === 'refused') console.log(line.name ?? line.to)
   */
  async *flows(nameOrId: string, options: FlowOptions = {}): AsyncGenerator<FlowLine, void> {
    const { readFlows } = await import('./box/flows.ts')
    yield* readFlows(boxes.folderOf(this.#open(), nameOrId), options)
  }

  /** What a kept box changed against its image. */
  async diff(nameOrId: string): Promise<ChangedPath[]> {
    const { diffBox } = await import('./box/diff.ts')
    return diffBox(this.#open(), this.#found(nameOrId))
  }

  /** Makes an image of a kept box: its image's layers and one more. */
  async commit(nameOrId: string, imageName: string): Promise<string> {
    const found = this.#found(nameOrId)
    const { plan } = found.record
    const { upper } = plan.storage
    boxes.requireAct(plan, 'commit')
    if (upper.kind !== 'disk')
      throw new GloveboxError({
        code: 'BOX_NOT_KEPT',
        audience: 'usage',
        message: `Cannot make an image of box ${nameOrId}: its writes are in memory.`,
        remedy: 'Run it with --keep NAME first.',
      })
    if (!boxes.isMachine(plan))
      return this.#images.commit(`${upper.path}/upper`, plan.image.digest, imageName)
    const { readMachine } = await import('./box/read-machine.ts')
    const read: ReadUpper = (use) => readMachine(this.#open(), found, 'layer', use)
    return this.#images.commit(read, plan.image.digest, imageName)
  }

  /**
   * Deletes a home folder that `home` has kept.
   *
   * @throws GloveboxError HOME_NOT_FOUND, HOME_IN_USE, BAD_NAME
   */
  async removeHome(name: string): Promise<void> {
    const { removeHome } = await import('./box/homes.ts')
    await removeHome(this.#open(), name)
  }

  /** Removes what ended boxes left; kept ones stay. */
  async collect(): Promise<number> {
    const [{ collectBoxes }, { collectNetworks }, { clearTrial }] = await Promise.all([
      import('./box/remove.ts'),
      import('./box/joined.ts'),
      import('./box/kvm.ts'),
    ])
    const context = this.#open()
    await clearTrial(context.paths)
    const removed = await collectBoxes(context.paths.boxes, true, context.runJob, context.ids)
    await collectNetworks(context)
    return removed
  }

  /** Digests of images that boxes stand on. */
  usedImages(): string[] {
    return boxes.usedImages(this.#open())
  }

  #found(nameOrId: string): { readonly dir: string; readonly record: BoxRecord } {
    return boxes.find(this.#open(), nameOrId)
  }
}
