import { ARCHIVE_LIMITS } from '../image/tar-path.ts'
import type { ImageContext } from '../image/unpack.ts'
import type { BoxContext } from './context.ts'

/** What the image room works with, for acts on boxes that make or read images. */
export const imagesOf = (context: BoxContext): ImageContext => ({
  ...context,
  places: context.store,
  limits: ARCHIVE_LIMITS,
})
