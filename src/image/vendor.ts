import { basename } from 'node:path'
import { fileDigest } from './build-cache.ts'
import type { LockedVendor } from './package-lock.ts'
import { type LoadedRecipe, localFile } from './recipe-load.ts'
import type { Recipe, RemoteFile, VendorPackage } from './recipe-types.ts'

/** The vendor files of a recipe, as they are now; one that is fetched is what the recipe says, or the build fails. */
export function vendorOf(loaded: LoadedRecipe): Promise<LockedVendor[]> {
  return Promise.all(
    loaded.recipe.vendor.map(async (one) => {
      const { kind, name, file } = partsOf(one)
      const sha256 = typeof file === 'string' ? await fileDigest(localFile(loaded, file)) : file.sha256
      return { name, kind, sha256 }
    }),
  )
}

/** Whether apt has to install something on top of the base. */
export const wantsApt = ({ packages, vendor }: Recipe): boolean =>
  packages.length > 0 || vendor.some((one) => 'deb' in one)

interface VendorParts extends Pick<LockedVendor, 'kind' | 'name'> {
  readonly file: string | RemoteFile
}

function partsOf(one: VendorPackage): VendorParts {
  if ('appimage' in one) return { kind: 'appimage', name: one.name, file: one.appimage }
  if ('tarball' in one) return { kind: 'tarball', name: one.name, file: one.tarball }
  const name = basename(nameOf(one.deb))
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9._+~-]/g, '_')
    .slice(0, 255)
  return { kind: 'deb', name, file: one.deb }
}

function nameOf(file: string | RemoteFile): string {
  if (typeof file === 'string') return file
  return 'pool' in file ? file.pool : new URL(file.url).pathname
}
