import type { OnProgress, ResolvedImage } from '../image/types.ts'
import type { MachineParts } from '../plan/types.ts'
import type { BoxContext } from './context.ts'
import { askKvm, isTold, kvmTrial } from './kvm.ts'
import { emulationNote, whyEmulated } from './kvm-words.ts'

/**
 * KVM where a guest was seen to boot under it, else emulation and the words that say so.
 *
 * @throws GloveboxError STORE_BUSY
 */
export async function readyAccelerator(
  context: BoxContext,
  tools: ResolvedImage,
  how: { readonly onProgress: OnProgress; readonly onNotice: ((words: string) => void) | undefined },
): Promise<Pick<MachineParts, 'accelerator' | 'emulation'>> {
  const { state } = context.paths
  const answer = await askKvm(state, { ...kvmTrial(context, tools), onProgress: how.onProgress })
  if (answer.kind === 'works') return { accelerator: 'kvm' }
  const emulation = emulationNote(whyEmulated(answer))
  /* Where nobody listens it is not told: the next one who does hears it. */
  if (how.onNotice !== undefined && !isTold(state, emulation))
    how.onNotice(`${emulation} What to do: glovebox doctor`)
  return { accelerator: 'tcg', emulation }
}
