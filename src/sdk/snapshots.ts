import type { BoxContext } from '../box/context.ts'
import type { SnapshotSummary } from '../box/snapshots.ts'
import type { OnProgress } from '../image/types.ts'
import type { BoxRequest } from '../plan/types.ts'

export type { SnapshotSummary }

/** The kept memory of booted machines, which boxes start from (`warm`). */
export class Snapshots {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
  }

  /**
   * Boots the machine of this engine, image and policy once and keeps its memory, unless that was done before.
   *
   * @throws GloveboxError ENGINE_CANNOT, SNAPSHOT_NOT_MADE
   */
  async ensure(
    request: Pick<BoxRequest, 'engine' | 'image' | 'policy'>,
    options: { readonly onProgress?: OnProgress } = {},
  ): Promise<SnapshotSummary> {
    const [{ ensureMachineSnapshot }, { summarizeSnapshot }] = await Promise.all([
      import('../box/machine.ts'),
      import('../box/snapshots.ts'),
    ])
    return summarizeSnapshot(await ensureMachineSnapshot(this.#open(), request, options.onProgress))
  }

  async list(): Promise<SnapshotSummary[]> {
    const { listSnapshots } = await import('../box/snapshots.ts')
    return listSnapshots(this.#open().store)
  }

  /**
   * Removes one by its id, or the beginning of it; boxes that came of it go on.
   *
   * @throws GloveboxError SNAPSHOT_NOT_FOUND, SNAPSHOT_AMBIGUOUS
   */
  async remove(id: string): Promise<void> {
    const { removeSnapshot } = await import('../box/snapshots.ts')
    removeSnapshot(this.#open().store, id)
  }
}
