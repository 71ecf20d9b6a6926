import { basename } from 'node:path'
import { fileDigest } from './build-cache.ts'
import type { LockedVendor } from './package-lock.ts'
import { type LoadedRecipe, localFile } from './recipe-load.ts'
import type { Recipe, VendorPackage } from './recipe-types.ts'

/** The vendor files of a recipe, as they are now. */
export function vendorOf(loaded: LoadedRecipe): Promise<LockedVendor[]> {
  return Promise.all(
    loaded.recipe.vendor.map(async (one) => {
      const { kind, name, path } = partsOf(one)
      return { name, kind, sha256: await fileDigest(localFile(loaded, path)) }
    }),
  )
}

/** Whether apt has to install something on top of the base. */
export const wantsApt = ({ packages, vendor }: Recipe): boolean =>
  packages.length > 0 || vendor.some((one) => 'deb' in one)

function partsOf(one: VendorPackage): Pick<LockedVendor, 'kind' | 'name'> & { readonly path: string } {
  if ('appimage' in one) return { kind: 'appimage', name: one.name, path: one.appimage }
  if ('tarball' in one) return { kind: 'tarball', name: one.name, path: one.tarball }
  const name = basename(one.deb)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9._+~-]/g, '_')
    .slice(0, 255)
  return { kind: 'deb', name, path: one.deb }
}
