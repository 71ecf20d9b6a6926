import type { Finding } from '../host/doctor.ts'
import { ARCHIVE_LIMITS } from '../image/tar-path.ts'
import { toolsFacts } from '../image/tools-facts.ts'
import { currentTools } from '../image/tools-image.ts'
import { pendingUpdates } from '../image/tools-pending.ts'
import type { BoxContext } from './context.ts'
import { lookAtGvisor } from './runtime.ts'
import { judgeTools } from './tools-findings.ts'

/**
 * Looks at the tools image and tries what comes from it. Builds nothing.
 *
 * @param askMirror whether updates are pending is asked of the mirror, over the network
 * @throws GloveboxError MIRROR_UNREACHABLE and its kin, only where the mirror is asked
 */
export async function checkTools(
  context: BoxContext,
  askMirror: boolean,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const images = { ...context, places: context.store, limits: ARCHIVE_LIMITS }
  const tools = currentTools(images)
  return judgeTools({
    facts: tools === undefined ? undefined : toolsFacts(images, tools),
    gvisor: tools === undefined ? undefined : await lookAtGvisor(context, images, tools),
    pending: askMirror ? await pendingUpdates(images, signal) : undefined,
    now: new Date(),
  })
}
