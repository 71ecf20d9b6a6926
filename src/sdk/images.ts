import type { BoxContext } from '../box/context.ts'
import type { BuiltImage } from '../image/build.ts'
import type { BuildOptions } from '../image/build-options.ts'
import type { ReadUpper } from '../image/commit.ts'
import type { ImageSummary, OnProgress } from '../image/types.ts'
import type { ImageContext } from '../image/unpack.ts'
import { imageContext } from './image-context.ts'

export type { BuildOptions }

/** The image store of one user. Heavy parts are loaded when they are called for. */
export class Images {
  readonly #open: () => BoxContext

  constructor(open: () => BoxContext) {
    this.#open = open
  }

  #context(): Promise<ImageContext> {
    return imageContext(this.#open)
  }

  /**
   * Builds a recipe: the path of a YAML file, or the name of one that comes with Glovebox.
   *
   * @throws GloveboxError RECIPE_INVALID with file, line and column, and what the build's tools say
   */
  async build(recipe: string, options: BuildOptions = {}): Promise<BuiltImage> {
    const { buildImage } = await import('../image/build.ts')
    return buildImage(await this.#context(), recipe, options)
  }

  async importFrom(
    source: string,
    options: {
      readonly name: string
      readonly stripPrivileged?: boolean
      readonly onProgress?: OnProgress
      readonly signal?: AbortSignal
    },
  ): Promise<{ readonly digest: string; readonly stripped: readonly string[] }> {
    const { importImage } = await import('../image/import.ts')
    return importImage(await this.#context(), source, options)
  }

  async list(): Promise<ImageSummary[]> {
    const { listImages } = await import('../image/manage.ts')
    return listImages(await this.#context())
  }

  /**
   * The text of the image's lock file, which says what exactly it was built from, or of its bill of materials
   * (SPDX 2.3), both in JSON.
   *
   * @throws GloveboxError IMAGE_NOT_FOUND, IMAGE_WITHOUT_PACKAGES
   */
  async document(ref: string, kind: 'lock' | 'sbom'): Promise<string> {
    const [{ requireDocumentText }, { findImage }] = await Promise.all([
      import('../image/documents.ts'),
      import('../image/resolve.ts'),
    ])
    const context = await this.#context()
    return requireDocumentText(context, findImage(context.places, ref).digest, kind)
  }

  async show(ref: string): Promise<Record<string, unknown>> {
    const { showImage } = await import('../image/manage.ts')
    return showImage(await this.#context(), ref)
  }

  /** Checks blobs against their digests and trees against their records; `repair` unpacks again what is missing. */
  async verify(
    ref?: string,
    options: { readonly repair?: boolean; readonly onProgress?: OnProgress } = {},
  ): Promise<{ readonly problems: readonly string[]; readonly checked: number }> {
    const { verifyImages } = await import('../image/verify.ts')
    return verifyImages(await this.#context(), ref, options)
  }

  async tag(ref: string, name: string): Promise<void> {
    const { tagImage } = await import('../image/manage.ts')
    await tagImage(await this.#context(), ref, name)
  }

  async remove(ref: string): Promise<void> {
    const { removeImage } = await import('../image/manage.ts')
    await removeImage(await this.#context(), ref)
  }

  /** Writes an image to `oci:DIR`, `oci-archive:FILE` or `docker-archive:FILE`. */
  async export(ref: string, destination: string): Promise<void> {
    const { exportImage } = await import('../image/export.ts')
    await exportImage(await this.#context(), ref, destination)
  }

  async commit(upper: string | ReadUpper, baseDigest: string, name: string): Promise<string> {
    const { commitLayer } = await import('../image/commit.ts')
    return commitLayer(await this.#context(), upper, baseDigest, name)
  }

  async collect(used: readonly string[]): Promise<number> {
    const { collectImages } = await import('../image/gc.ts')
    return collectImages(await this.#context(), used)
  }
}
