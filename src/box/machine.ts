import { ENGINES } from '../engine/index.ts'
import { guestPath } from '../host/view.ts'
import { ensureDisk, ensureEmptyDisk } from '../image/disk.ts'
import { ensureInitramfs } from '../image/initramfs.ts'
import { ownerOfIds } from '../image/owner.ts'
import { resolveImage } from '../image/resolve.ts'
import { ARCHIVE_LIMITS } from '../image/tar-path.ts'
import { ensureTools } from '../image/tools-image.ts'
import type { OnProgress } from '../image/types.ts'
import { machineDiskBytes } from '../plan/machine.ts'
import type { BoxRequest, MachineParts } from '../plan/types.ts'
import { DEFAULT_POLICY } from '../policy/default.ts'
import type { BoxContext } from './context.ts'

/**
 * Makes what a virtual machine of this request is started from, as far as it is not there yet: the tools image, the
 * image as a disk, an empty disk and the initramfs. Undefined for an engine that is no machine.
 *
 * @throws GloveboxError what building the tools image and its parts refuse
 */
export async function readyMachine(
  context: BoxContext,
  request: Pick<BoxRequest, 'engine' | 'image' | 'policy'>,
  onProgress: OnProgress = () => undefined,
): Promise<MachineParts | undefined> {
  const { machine } = ENGINES[request.engine ?? 'container']
  if (machine === undefined) return undefined
  const images = { ...context, places: context.store, limits: ARCHIVE_LIMITS }
  const image = resolveImage(context.store, request.image ?? 'base', ownerOfIds(context.ids))
  const tools = await ensureTools(images, onProgress)
  const [{ path, kernel }, imageDisk, emptyDisk] = await Promise.all([
    ensureInitramfs(images, tools, machine, guestPath(context.paths)),
    ensureDisk(images, image, onProgress),
    ensureEmptyDisk(images, machineDiskBytes(request.policy ?? DEFAULT_POLICY)),
  ])
  return {
    tools: { digest: tools.digest, trees: tools.trees },
    kernel,
    initramfs: path,
    imageDisk,
    emptyDisk,
  }
}
