import type { BuildOptions } from './build-options.ts'
import { importImage } from './import.ts'
import { type LoadedRecipe, localFile } from './recipe-load.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** Brings a foreign image into the store to build on; it gets the name `RECIPE.base`. What gives privileges is dropped. */
export async function importBase(
  context: ImageContext,
  loaded: LoadedRecipe,
  base: { readonly image: string } | { readonly tar: string },
  options: BuildOptions,
): Promise<Digest> {
  const source = 'tar' in base ? `tar:${localFile(loaded, base.tar)}` : localReference(loaded, base.image)
  const { onProgress, signal } = options
  const imported = await importImage(context, source, {
    name: `${loaded.recipe.name}.base`,
    stripPrivileged: true,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  })
  return imported.digest
}

/** `oci:DIR` and the archives name files relative to the recipe. */
function localReference(loaded: LoadedRecipe, ref: string): string {
  const [, scheme, path = ''] = /^(oci|oci-archive|docker-archive):(.*)$/.exec(ref) ?? []
  return scheme === undefined ? ref : `${scheme}:${localFile(loaded, path)}`
}
