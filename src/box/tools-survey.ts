import { GloveboxError } from '../errors.ts'
import type { Finding } from '../host/doctor.ts'
import { readIdSource } from '../host/ids.ts'
import { lookAtKvm } from '../host/kvm.ts'
import { toolsFacts } from '../image/tools-facts.ts'
import { currentTools } from '../image/tools-image.ts'
import { pendingUpdates } from '../image/tools-pending.ts'
import type { OnProgress, ResolvedImage } from '../image/types.ts'
import type { BoxContext } from './context.ts'
import { imagesOf } from './images.ts'
import { askKvm, kvmTrial } from './kvm.ts'
import type { KvmAnswer } from './kvm-answer.ts'
import { judgeKvm } from './kvm-words.ts'
import { lookAtGvisor } from './runtime.ts'
import { failure, judgeTools } from './tools-findings.ts'

/** What doctor is asked beside the machine itself. */
export interface ToolsQuestion {
  /** Whether updates are pending is asked of the mirror, over the network. */
  readonly updates?: boolean | undefined
  /** KVM is tried anew, whatever is remembered of it. */
  readonly again?: boolean | undefined
  readonly onProgress?: OnProgress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Looks at the tools image and tries what comes from it, as far as it is not remembered. Builds nothing. */
export async function checkTools(context: BoxContext, question: ToolsQuestion): Promise<Finding[]> {
  const images = imagesOf(context)
  const facts = await outcome(() => {
    const tools = currentTools(images)
    return tools === undefined ? undefined : { tools, facts: toolsFacts(images, tools) }
  })
  if (facts instanceof GloveboxError) return [failure('tools', facts)]
  const findings = judgeTools({
    facts: facts?.facts,
    gvisor: await outcome(() => facts && lookAtGvisor(context, images, facts.tools)),
    pending:
      question.updates === true ? await outcome(() => pendingUpdates(images, question.signal)) : undefined,
    now: new Date(),
  })
  const answer = await outcome(() => kvmAnswer(context, facts?.tools, question))
  if (answer === undefined) return findings
  const user = readIdSource().name ?? 'USER'
  return [...findings, answer instanceof GloveboxError ? failure('kvm', answer) : judgeKvm(answer, user)]
}

async function outcome<T>(act: () => T | Promise<T>): Promise<T | GloveboxError> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof GloveboxError) return error
    throw error
  }
}

/** Without the tools image there is no guest to boot; whether the device is there can be said nevertheless. */
export async function kvmAnswer(
  context: BoxContext,
  tools: ResolvedImage | undefined,
  { again, onProgress, signal }: ToolsQuestion,
): Promise<KvmAnswer | undefined> {
  if (tools !== undefined)
    return askKvm(context.paths.state, { ...kvmTrial(context, tools, signal), again, onProgress })
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
