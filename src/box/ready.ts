import { ENGINES } from '../engine/index.ts'
import { ensureTools } from '../image/tools-image.ts'
import type { BoxRequest } from '../plan/types.ts'
import type { BoxContext } from './context.ts'
import { imagesOf } from './images.ts'
import { type MachineOptions, readyMachine } from './machine.ts'
import type { Readied } from './start.ts'

/**
 * Makes what an engine takes of the tools image, as far as it is not there yet.
 *
 * @throws GloveboxError what building the tools image and its parts refuse
 */
export async function ready(
  context: BoxContext,
  request: Pick<BoxRequest, 'engine' | 'image' | 'policy' | 'warm' | 'home'>,
  how: MachineOptions = {},
): Promise<Readied> {
  const { runtimeFromTools } = ENGINES[request.engine ?? 'container']
  const machine = await readyMachine(context, request, how)
  if (machine !== undefined) return { machine }
  if (runtimeFromTools === undefined) return {}
  /* Not loaded on the way of a virtual machine: it verifies a file by node:crypto, which is dear. */
  const { readyGvisor } = await import('./runtime.ts')
  const images = imagesOf(context)
  return { runtime: await readyGvisor(context, images, await ensureTools(images, how.onProgress)) }
}
