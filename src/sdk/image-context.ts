import type { BoxContext } from '../box/context.ts'
import type { ImageContext } from '../image/unpack.ts'

/** What the image room works with; its heavy parts are loaded when they are called for. */
export async function imageContext(open: () => BoxContext): Promise<ImageContext> {
  const [{ ARCHIVE_LIMITS }, { initStore }] = await Promise.all([
    import('../image/tar-path.ts'),
    import('../image/layout.ts'),
  ])
  const context = open()
  initStore(context.store)
  return {
    places: context.store,
    /* Asked for when it is used: a list of images needs none. */
    get ids() {
      return context.ids
    },
    runJob: context.runJob,
    limits: ARCHIVE_LIMITS,
  }
}
