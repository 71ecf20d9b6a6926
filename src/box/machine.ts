import { requireAct } from '../engine/acts.ts'
import { ENGINES } from '../engine/index.ts'
import { guestPath } from '../host/view.ts'
import { ensureDisk, ensureEmptyDisk } from '../image/disk.ts'
import { ensureInitramfs } from '../image/initramfs.ts'
import { ownerOfIds } from '../image/owner.ts'
import { resolveImage } from '../image/resolve.ts'
import { ensureTools } from '../image/tools-image.ts'
import type { OnProgress } from '../image/types.ts'
import { machineDiskBytes } from '../plan/machine.ts'
import { settleNetwork } from '../plan/make.ts'
import type { BoxRequest, MachineParts } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import { readyAccelerator } from './accelerator.ts'
import type { BoxContext } from './context.ts'
import { HOME_FILES } from './homes.ts'
import { imagesOf } from './images.ts'
import { checkName } from './state.ts'

export interface MachineOptions {
  readonly onProgress?: OnProgress
  /** Nothing is booted. */
  readonly planOnly?: boolean
  /** What the user should know and was not told so far: that the processor is emulated, and why. */
  readonly onNotice?: (words: string) => void
}

/**
 * Makes what a virtual machine of this request is started from, as far as it is not there yet: the tools image, the
 * image as a disk, an empty disk, the initramfs, and a snapshot for a warm start. Undefined for an engine that is no machine.
 *
 * @throws GloveboxError what building the tools image and its parts refuse
 */
export async function readyMachine(
  context: BoxContext,
  request: Pick<BoxRequest, 'engine' | 'image' | 'policy' | 'warm' | 'home'>,
  { onProgress = () => undefined, planOnly = false, onNotice }: MachineOptions = {},
): Promise<MachineParts | undefined> {
  const { machine } = ENGINES[request.engine ?? 'container']
  if (machine === undefined) return undefined
  const images = imagesOf(context)
  const image = resolveImage(context.store, request.image ?? 'base', ownerOfIds(context.ids))
  const tools = await ensureTools(images, onProgress)
  const [{ path, kernel }, imageDisk, emptyDisk] = await Promise.all([
    ensureInitramfs(images, tools, machine, guestPath(context.paths)),
    ensureDisk(images, image, onProgress),
    ensureEmptyDisk(images, machineDiskBytes(request.policy ?? DEFAULT_POLICY)),
  ])
  const policy = settleNetwork(request.policy ?? DEFAULT_POLICY, image)
  const parts: MachineParts = {
    tools: { digest: tools.digest, trees: tools.trees },
    kernel,
    initramfs: path,
    imageDisk,
    emptyDisk,
    ...(request.home === undefined
      ? {}
      : { homeDisk: HOME_FILES(`${context.paths.boxes.homes}/${checkName(request.home)}`).disk }),
    ...(machine === 'cloud' ? await readyAccelerator(context, tools, { onProgress, onNotice }) : {}),
  }
  if (!request.warm) return parts
  const { ensureSnapshot, hasCard, snapshotFolder } = await import('./snapshot.ts')
  const folder = planOnly
    ? snapshotFolder(context, { ...request, policy }, parts)
    : await ensureSnapshot(context, images, { ...request, policy }, parts, onProgress)
  return { ...parts, snapshot: { act: 'resume', folder, card: hasCard(policy) } }
}

/**
 * Keeps the memory of the booted machine of this request, unless that was done before.
 *
 * @returns the folder with it
 * @throws GloveboxError ENGINE_CANNOT, SNAPSHOT_NOT_MADE, and what {@link readyMachine} does
 */
export async function ensureMachineSnapshot(
  context: BoxContext,
  request: Pick<BoxRequest, 'engine' | 'image' | 'policy'>,
  onProgress: OnProgress = () => undefined,
): Promise<string> {
  requireAct(ENGINES[request.engine ?? 'container'], 'resume')
  const parts = await readyMachine(context, { ...request, warm: true }, { onProgress })
  return parts?.snapshot?.folder ?? ''
}
