import type { BoxContext } from '../box/context.ts'
import type { ToolsFacts, ToolsUpdate } from '../image/tools-facts.ts'
import type { OnProgress } from '../image/types.ts'
import { imageContext } from './image-context.ts'

export type { ToolsFacts, ToolsUpdate }

/** The tools image: the virtual machine monitors and guest kernels that boxes in virtual machines start with. */
export class Tools {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
  }

  /**
   * Versions of what is in it, and when it was built.
   *
   * @throws GloveboxError TOOLS_NOT_BUILT
   */
  async show(): Promise<ToolsFacts> {
    const { showTools } = await import('../image/tools-facts.ts')
    return showTools(await imageContext(this.#open))
  }

  /** Builds it from what the mirror holds now; boxes that run keep theirs. */
  async update(
    options: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal } = {},
  ): Promise<ToolsUpdate> {
    const { updateTools } = await import('../image/tools-facts.ts')
    return updateTools(await imageContext(this.#open), options.onProgress, options.signal)
  }
}
