import type { GrantName } from '../policy/types.ts'
import type { EngineWish } from './types.ts'

/** How an image is made: parsed from YAML by recipe.ts, trusted from there on. Paths of local files are as written: relative to the recipe. */
export interface Recipe {
  /** Name of the image; the recipe file's own where the recipe gives none. */
  readonly name: string
  readonly description?: string
  readonly base: RecipeBase
  /** Debian packages, each `name`, `name:architecture` or `name=version`. */
  readonly packages: readonly string[]
  readonly files: readonly RecipeFile[]
  readonly vendor: readonly VendorPackage[]
  readonly user?: { readonly name: string; readonly uid: number; readonly home: string }
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workdir?: string
  /** Grants that the application needs: shown to the user, given only by policy. */
  readonly needs: readonly GrantName[]
  /** What a box of it has where its policy leaves the network to the image; absent: as the base has it. */
  readonly network?: 'none' | 'internet'
  /** The technology that a box of it has where the user names none; absent: as the base has it. */
  readonly engine?: EngineWish
}

export type RecipeBase =
  | { readonly debian: DebianBase }
  /** `docker://`, `oci:`, `oci-archive:` or `docker-archive:` reference, as skopeo(1) knows them. */
  | { readonly image: string }
  /** A root filesystem as a tar archive. */
  | { readonly tar: string }
  /** Another recipe, or an image of the store, whose layers are reused. */
  | { readonly recipe: string }

export interface DebianBase {
  readonly suite: string
  readonly mirror?: string
  readonly components: readonly string[]
  readonly variant: 'minbase' | 'essential' | 'apt' | 'buildd' | 'important' | 'standard'
}

export interface RecipeFile {
  /** Absolute path in the image. */
  readonly path: string
  readonly from: { readonly content: string } | { readonly source: string }
  /** Permission bits; no set-user-id, set-group-id or sticky bit. */
  readonly mode: number
  readonly owner: { readonly uid: number; readonly gid: number }
}

/** A file that is fetched for the build, and that the recipe pins. */
export type RemoteFile = {
  /** Of the file, 64 hex digits. */
  readonly sha256: string
} & (
  | { readonly url: string }
  /** Path below `pool/` of the mirror that the base's packages come from. */
  | { readonly pool: string }
)

export type VendorPackage =
  | { readonly deb: string | RemoteFile }
  /** Unpacked to /opt/NAME, started by /usr/local/bin/NAME. */
  | { readonly appimage: string; readonly name: string }
  /** Unpacked to /opt/NAME; `link` is a program in it to link into /usr/local/bin. */
  | { readonly tarball: string; readonly name: string; readonly link?: string }
