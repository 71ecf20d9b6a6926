import { existsSync } from 'node:fs'
import { requireAct as requireEngineAct } from '../engine/acts.ts'
import { GUEST_IN_BOX } from '../engine/bundle.ts'
import { ENGINES } from '../engine/index.ts'
import type { OciBundle } from '../engine/oci.ts'
import type { Act, Engine } from '../engine/types.ts'
import { GloveboxError } from '../errors.ts'
import { keepCompiled } from '../host/compiled-code.ts'
import { becomeHolder } from '../host/holder.ts'
import type { BoxRequest, Plan } from '../plan/types.ts'
import { Box, type ExecOptions } from './box.ts'
import type { BoxContext } from './context.ts'
import { HOME_FILES } from './homes.ts'
import { listBoxes } from './list.ts'
import type { MachineOptions } from './machine.ts'
import { BoxProcess } from './process.ts'
import { collectBoxes } from './remove.ts'
import { type LaunchMode, OWNED, planBox, type Readied, readyBox, wordsOf } from './start.ts'
import { type BoxRecord, checkName, findBox, listFolders, readRecord } from './state.ts'
import { STATUS_FD, startSupervisor } from './supervisor-process.ts'
import type { BoxSummary } from './types.ts'

const ALONE: LaunchMode = { logged: false, dieWithParent: false, explained: true, detached: false }
const DETACHED: LaunchMode = {
  logged: true,
  statusFd: STATUS_FD,
  dieWithParent: false,
  explained: false,
  detached: true,
}
export interface DryRun {
  readonly plan: Plan
  /** The bundle's config.json. */
  readonly bundle: OciBundle
  /** What would be executed. */
  readonly command: readonly string[]
}

/** What an ended box leaves; a command that was killed is met by the next start. */
async function collectLeftovers(context: BoxContext): Promise<void> {
  await collectBoxes(context.paths.boxes, false, context.runJob, context.ids)
}

/** Loaded only where something of the tools image is asked for: it is not on the way of a container's start. */
async function readied(context: BoxContext, request: BoxRequest, how: MachineOptions = {}): Promise<Readied> {
  const before =
    request.keep === undefined
      ? undefined
      : readRecord(`${context.paths.boxes.kept}/${checkName(request.keep)}`)?.plan
  const engine = request.engine ?? before?.engine ?? 'container'
  if (request.warm) checkWarm(ENGINES[engine], request)
  if (request.home !== undefined && !how.planOnly)
    await movedHome(context, { ...request, engine }, request.home)
  const { machine, runtimeFromTools } = ENGINES[engine]
  if (machine === undefined && runtimeFromTools === undefined) return {}
  const { ready } = await import('./ready.ts')
  return ready(context, { ...request, engine, image: request.image ?? before?.image.digest ?? 'base' }, how)
}

/** Loads nothing where the home is in the engine's own form. */
async function movedHome(context: BoxContext, request: BoxRequest, home: string): Promise<void> {
  const dir = `${context.paths.boxes.homes}/${checkName(home)}`
  const asDisk = ENGINES[request.engine ?? 'container'].machine !== undefined
  if (existsSync(HOME_FILES(dir).disk) === asDisk) return
  const { readyHome } = await import('./home-disk.ts')
  await readyHome(context, request, home)
}

/** @throws GloveboxError ENGINE_CANNOT, WARM_KEPT */
function checkWarm(engine: Engine, { keep, home }: BoxRequest): void {
  requireEngineAct(engine, 'resume')
  if (keep === undefined && home === undefined) return
  const [what, option] =
    keep === undefined ? [`a box with the kept home ${home}`, '--home'] : [`the kept box ${keep}`, '--keep']
  throw new GloveboxError({
    code: 'WARM_KEPT',
    audience: 'usage',
    message: `Cannot start ${what} from a kept memory: that memory knows an empty disk, and this box has its own.`,
    remedy: `Leave --warm or ${option} away.`,
  })
}

/**
 * Makes what a start of this box needs and what may take minutes the first time: for a virtual machine the tools image,
 * the disks and, with `warm`, the snapshot.
 *
 * @throws GloveboxError as a start does
 */
export async function readyBoxParts(
  context: BoxContext,
  request: BoxRequest,
  how: Pick<MachineOptions, 'onProgress' | 'onNotice'>,
): Promise<void> {
  await readied(context, request, how)
}

/** Plans a box and shows all of it; nothing is written or started. */
export async function dryRun(context: BoxContext, request: BoxRequest): Promise<DryRun> {
  const box = planBox(context, request, await readied(context, request, { planOnly: true }))
  return {
    plan: box.plan,
    bundle: box.engine.bundle(box.plan),
    command: [context.holder, ...wordsOf(context, box, ALONE, [])],
  }
}

/**
 * Starts a box in the place of this very process, which ends here: the box gets its terminal, and its exit code is
 * the process'. What Node took of memory is free again.
 */
export async function runBox(context: BoxContext, request: BoxRequest): Promise<never> {
  context.checkPrograms()
  const box = planBox(context, request, await readied(context, request))
  await collectLeftovers(context)
  const { command } = readyBox(context, box, ALONE)
  keepCompiled(context.paths.cache, 'run')
  becomeHolder(context.handover, command)
}

/** Runs a command in a running box in the place of this process. */
export function execInPlace(
  context: BoxContext,
  nameOrId: string,
  command: readonly string[],
  options: ExecOptions,
): never {
  const words = Box.find(context, nameOrId).execCommand(command, options)
  keepCompiled(context.paths.cache, 'exec')
  becomeHolder(context.handover, words)
}

/**
 * Starts a box that goes on after this process; its output is in its log.
 *
 * @throws GloveboxError BOX_NOT_STARTED
 */
export async function startDetached(context: BoxContext, request: BoxRequest): Promise<Box> {
  context.checkPrograms()
  const box = planBox(context, { ...request, terminal: false }, await readied(context, request))
  await collectLeftovers(context)
  const { record, command } = readyBox(context, box, DETACHED)
  const { process } = await startSupervisor(command, ['ignore', 'ignore', 'ignore'], {
    detached: true,
  })
  process.stdio[STATUS_FD]?.destroy()
  process.unref()
  return new Box(context, box.stateDir, record)
}

/** A box that this process owns, and the command that it was started for. */
export interface OwnedBox {
  readonly box: Box
  readonly main: BoxProcess
}

/**
 * Starts a box that ends with this process. Without a command it waits for others to be run in it.
 *
 * @throws GloveboxError BOX_NOT_STARTED
 */
export async function createBox(
  context: BoxContext,
  request: BoxRequest,
  signal?: AbortSignal,
): Promise<OwnedBox> {
  context.checkPrograms()
  const command = request.command ?? [GUEST_IN_BOX, 'pause']
  const planned = planBox(context, { ...request, command, terminal: false }, await readied(context, request))
  await collectLeftovers(context)
  const ready = readyBox(context, planned, OWNED)
  const started = await startSupervisor(ready.command, ['pipe', 'pipe', 'pipe'], {
    detached: false,
    ...(signal === undefined ? {} : { signal }),
  })
  const box = new Box(context, planned.stateDir, ready.record)
  return { box, main: new BoxProcess(started) }
}

export const list = (context: BoxContext): BoxSummary[] => listBoxes(context.paths.boxes)
export const folderOf = (context: BoxContext, nameOrId: string): string =>
  findBox(context.paths.boxes, nameOrId).dir
export const find = (context: BoxContext, nameOrId: string): { dir: string; record: BoxRecord } =>
  findBox(context.paths.boxes, nameOrId)
export const isMachine = ({ engine }: Plan): boolean => ENGINES[engine].machine !== undefined

/** @throws GloveboxError ENGINE_CANNOT */
export const requireAct = (plan: Plan, act: Act): void => requireEngineAct(ENGINES[plan.engine], act)

/** Digests of the images that any box stands on, a virtual machine's tools among them, so that gc leaves them. */
export function usedImages(context: BoxContext): string[] {
  return listFolders(context.paths.boxes).flatMap((dir) => {
    const plan = readRecord(dir)?.plan
    return plan === undefined ? [] : [plan.image.digest, ...(plan.machine ? [plan.machine.tools.digest] : [])]
  })
}
