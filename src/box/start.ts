import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireAct } from '../engine/acts.ts'
import { ENGINES } from '../engine/index.ts'
import type { Engine } from '../engine/types.ts'
import { GloveboxError } from '../errors.ts'
import { cgroupsFor, makeCgroups, scopeWords } from '../host/cgroups.ts'
import { isTerminal } from '../host/terminal.ts'
import { ownerOfIds } from '../image/owner.ts'
import { resolveImage } from '../image/resolve.ts'
import type { Digest } from '../image/types.ts'
import { limitsOf } from '../plan/limits.ts'
import { makePlan, settleNetwork } from '../plan/make.ts'
import type { BoxRequest, HostView, MachineParts, NetworkPlan, Plan } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { OpenNetwork } from '../policy/network-types.ts'
import type { Policy } from '../policy/types.ts'
import type { BoxContext } from './context.ts'
import { claimHome } from './homes.ts'
import { prepareJoin } from './joined.ts'
import { createdEvent, journalOf, writeEvent } from './journal.ts'
import { type Launch, launchWords } from './launch.ts'
import { findNetwork } from './network.ts'
import { checkWatched, makeWatched, watchedFiles } from './network-files.ts'
import { newBoxId, newMachineId, prepareBox } from './prepare.ts'
import { type BoxRecord, boxFiles, checkName, liveness, readRecord } from './state.ts'
import { STATUS_FD } from './supervisor-process.ts'

/** What the tools image gives to a box, made before it is planned (ready.ts); a container has none of it. */
export interface Readied {
  readonly machine?: MachineParts
  readonly runtime?: ToolsRuntime
}

/** A runtime that was taken out of the tools image. */
export type ToolsRuntime = Plan['runtime'] & { readonly digest: Digest }

/** A box that is planned and not started. */
export interface PlannedBox {
  readonly plan: Plan
  readonly engine: Engine
  readonly stateDir: string
  readonly kept: boolean
}

/** How a box's launch is meant by its caller. */
export type LaunchMode = Pick<Launch, 'logged' | 'statusFd' | 'dieWithParent'> & {
  readonly explained: boolean
  readonly detached: boolean
}

/** A box that ends with the program that starts it, which reads its status. */
export const OWNED: LaunchMode = {
  logged: false,
  statusFd: STATUS_FD,
  dieWithParent: true,
  explained: false,
  detached: false,
}

/**
 * Plans a box from a request: looks up the image and the host, starts nothing and writes nothing.
 *
 * @throws GloveboxError what src/plan and src/image refuse; BOX_RUNNING for a kept box that runs
 */
export function planBox(
  context: BoxContext,
  request: BoxRequest,
  { machine, runtime }: Readied = {},
): PlannedBox {
  const kept = request.keep === undefined ? undefined : checkName(request.keep)
  const homeName = request.home === undefined ? undefined : checkName(request.home)
  const before = kept === undefined ? undefined : earlier(context, kept)
  const id = before?.box.id ?? newBoxId()
  const engine = ENGINES[request.engine ?? before?.engine ?? 'container']
  if (homeName !== undefined) requireAct(engine, 'home')
  const stateDir =
    kept === undefined ? `${context.paths.boxes.runtime}/${id}` : `${context.paths.boxes.kept}/${kept}`
  const image = resolveImage(
    context.store,
    request.image ?? before?.image.digest ?? 'base',
    ownerOfIds(context.ids),
  )
  if (before !== undefined && before.image.digest !== image.digest) throw otherImage(before, request)
  if (before !== undefined && ENGINES[before.engine].machine !== engine.machine)
    throw otherKind(before, engine)
  const policy = request.policy ?? DEFAULT_POLICY
  const { network } = settleNetwork(policy, image)
  checkWatched(request, network)
  const plan = makePlan({ ...request, policy }, image, viewFor(context, engine, policy, runtime), {
    id,
    machineId: before?.box.machineId ?? newMachineId(),
    name: kept,
    engine: engine.name,
    runtimes: engine.runtimes,
    stateDir,
    homeDir: homeName === undefined ? undefined : join(context.paths.boxes.homes, homeName),
    terminal: request.terminal ?? (isTerminal(0) && isTerminal(1)),
    ...(machine === undefined ? {} : { machine }),
    ...(network === 'none' ? {} : { network: watchedNetwork(engine, network, request) }),
  })
  return { plan, engine, stateDir, kept: kept !== undefined }
}

function watchedNetwork(engine: Engine, network: OpenNetwork, request: BoxRequest): NetworkPlan {
  return { ...findNetwork(engine, network), ...watchedFiles(request) }
}

function viewFor(
  context: BoxContext,
  engine: Engine,
  policy: Policy,
  runtime: ToolsRuntime | undefined,
): HostView {
  const bounds = limitsOf(policy)
  if (engine.runtimeFromTools === undefined) return context.viewOf({ runtimes: engine.runtimes, bounds })
  const view = context.viewOf({ runtimes: [], bounds })
  return runtime === undefined ? view : { ...view, runtimes: { [runtime.name]: runtime } }
}

function earlier(context: BoxContext, name: string): Plan | undefined {
  const dir = join(context.paths.boxes.kept, name)
  const record = readRecord(dir)
  if (record === undefined) return undefined
  if (liveness(dir, record) === 'ended') return record.plan
  throw new GloveboxError({
    code: 'BOX_RUNNING',
    audience: 'usage',
    message: `Cannot start box ${name}: it is running already.`,
    remedy: `Run a command in it with: glovebox exec ${name} -- COMMAND`,
  })
}

function otherImage(before: Plan, request: BoxRequest): GloveboxError {
  return new GloveboxError({
    code: 'BOX_OF_OTHER_IMAGE',
    audience: 'usage',
    message: `Cannot go on with box ${before.box.name}: it was made from ${before.image.ref} (${before.image.digest.slice(0, 19)}), and ${request.image} is another image.`,
    remedy: 'Leave --image away to go on with the old one, or keep under another name.',
  })
}

/** A container keeps its writes in a folder, a virtual machine on a disk. */
function otherKind(before: Plan, engine: Engine): GloveboxError {
  return new GloveboxError({
    code: 'BOX_OF_OTHER_ENGINE',
    audience: 'usage',
    message: `Cannot go on with box ${before.box.name} under ${engine.name}: it was made under ${before.engine}, which keeps its writes in another form.`,
    remedy: `Go on with --engine ${before.engine}, or keep under another name.`,
  })
}

/** The exact words that a launch executes. */
export function wordsOf(
  context: BoxContext,
  box: PlannedBox,
  mode: LaunchMode,
  cgroups: readonly string[],
): string[] {
  return launchWords(box.plan, box.engine, {
    stateDir: box.stateDir,
    journal: journalOf(context.paths.boxes),
    guest: context.guest,
    resolver: context.resolver,
    networks: context.paths.boxes.networks,
    cgroups,
    logged: mode.logged,
    ...(mode.statusFd === undefined ? {} : { statusFd: mode.statusFd }),
    ...(mode.explained && context.explain !== undefined ? { explain: context.explain } : {}),
    dieWithParent: mode.dieWithParent,
    kept: box.kept,
  })
}

/** A box that is written down, and the whole command: the holder, behind systemd-run(1) where that is what bounds it. */
export interface ReadyBox {
  readonly record: BoxRecord
  readonly command: readonly [string, ...string[]]
}

/**
 * Writes all that the launch reads and makes its cgroups; from here on gc knows the box.
 */
export function readyBox(context: BoxContext, box: PlannedBox, mode: LaunchMode): ReadyBox {
  const { plan } = box
  makeWatched(plan.network)
  prepareJoin(plan, context)
  const groups = cgroupsFor(plan.box.id, plan.policy.limits, plan.enforcement)
  const cgroups = groups.map(({ dir }) => dir)
  writeEvent(context.paths.boxes, plan.box.id, createdEvent(plan))
  const record = prepareBox({ ...box, detached: mode.detached, cgroups })
  try {
    claimHome(context.paths.boxes, plan)
  } catch (error) {
    /* While its creator lives, a record without an end says that the box is starting: it would hold the home for ever. */
    if (box.kept) writeFileSync(boxFiles(box.stateDir).exit, '1\n', { mode: 0o600 })
    else rmSync(box.stateDir, { recursive: true, force: true })
    throw error
  }
  makeCgroups(groups)
  const [first, ...rest] = scopeWords(plan.box.id, plan.policy.limits, plan.enforcement)
  const words = [context.holder, ...wordsOf(context, box, mode, cgroups)] as [string, ...string[]]
  return { record, command: first === undefined ? words : [first, ...rest, ...words] }
}
