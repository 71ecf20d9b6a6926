import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { readImageConfig } from '../image/resolve.ts'
import type { EngineWish } from '../image/types.ts'
import type { BoxRequest, Plan } from '../plan/types.ts'
import type { BoxContext } from './context.ts'
import { checkName, readRecord } from './state.ts'

/**
 * The technology of a box whose user names none: what its image prefers, else `container`. Undefined for a kept box, which goes on
 * under its own, and where there is no such image, which is refused when the box is planned.
 *
 * @throws GloveboxError IMAGE_INVALID, BAD_NAME
 */
export function engineWish(
  context: BoxContext,
  request: Pick<BoxRequest, 'keep' | 'image'>,
): EngineWish | undefined {
  if (keptPlan(context, request) !== undefined) return undefined
  try {
    return readImageConfig(context.store, request.image ?? 'base').engine ?? 'container'
  } catch (error) {
    if (error instanceof GloveboxError && error.code === 'IMAGE_NOT_FOUND') return undefined
    throw error
  }
}

/** The image of a box, as a start finds it: that of a kept box where none is named, else `base`. */
export const imageOf = (context: BoxContext, request: Pick<BoxRequest, 'keep' | 'image'>): string =>
  request.image ?? keptPlan(context, request)?.image.digest ?? 'base'

function keptPlan(context: BoxContext, { keep }: Pick<BoxRequest, 'keep'>): Plan | undefined {
  return keep === undefined ? undefined : readRecord(join(context.paths.boxes.kept, checkName(keep)))?.plan
}
