import type { Finding } from '../host/doctor.ts'
import { readIdSource } from '../host/ids.ts'
import { lookAtKvm } from '../host/kvm.ts'
import { ARCHIVE_LIMITS } from '../image/tar-path.ts'
import { toolsFacts } from '../image/tools-facts.ts'
import { currentTools } from '../image/tools-image.ts'
import { pendingUpdates } from '../image/tools-pending.ts'
import type { OnProgress, ResolvedImage } from '../image/types.ts'
import type { BoxContext } from './context.ts'
import { askKvm, kvmTrial } from './kvm.ts'
import type { KvmAnswer } from './kvm-answer.ts'
import { judgeKvm } from './kvm-words.ts'
import { lookAtGvisor } from './runtime.ts'
import { judgeTools } from './tools-findings.ts'

/** What doctor is asked beside the machine itself. */
export interface ToolsQuestion {
  /** Whether updates are pending is asked of the mirror, over the network. */
  readonly updates?: boolean | undefined
  /** KVM is tried anew, whatever is remembered of it. */
  readonly again?: boolean | undefined
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at the tools image and tries what comes from it, as far as it is not remembered. Builds nothing.
 *
 * @throws GloveboxError MIRROR_UNREACHABLE and its kin, only where the mirror is asked
 */
export async function checkTools(
  context: BoxContext,
  { updates, again, onProgress, signal }: ToolsQuestion,
): Promise<Finding[]> {
  const images = { ...context, places: context.store, limits: ARCHIVE_LIMITS }
  const tools = currentTools(images)
  const findings = judgeTools({
    facts: tools === undefined ? undefined : toolsFacts(images, tools),
    gvisor: tools === undefined ? undefined : await lookAtGvisor(context, images, tools),
    pending: updates === true ? await pendingUpdates(images, signal) : undefined,
    now: new Date(),
  })
  const answer = await kvmAnswer(context, tools, { again, onProgress })
  return answer === undefined ? findings : [...findings, judgeKvm(answer, readIdSource().name ?? 'USER')]
}

/** Without the tools image there is no guest to boot; whether the device is there can be said nevertheless. */
export async function kvmAnswer(
  context: BoxContext,
  tools: ResolvedImage | undefined,
  question: Pick<ToolsQuestion, 'again' | 'onProgress'>,
): Promise<KvmAnswer | undefined> {
  if (tools !== undefined) return askKvm(context.paths.state, { ...kvmTrial(context, tools), ...question })
  const device = lookAtKvm()
  switch (device.state) {
    case 'there':
      return undefined
    case 'missing':
      return { kind: 'missing' }
    case 'forbidden':
      return { kind: 'forbidden', group: device.group }
    default:
      return device satisfies never
  }
}
