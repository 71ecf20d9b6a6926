/** `sha256:` and 64 lower-case hex digits (OCI image-spec, descriptor.md). */
export type Digest = string & { readonly __brand: 'Digest' }

/** What running a box of an image needs to know of it; all read from the store, nothing fetched. */
export interface ResolvedImage {
  /** The name it was asked for by. */
  readonly ref: string
  /** Digest of the manifest. */
  readonly digest: Digest
  /** Unpacked layers on disk, the top one first, as overlayfs wants them. */
  readonly trees: readonly string[]
  readonly config: ImageConfig
  /** Users and groups of /etc/passwd and /etc/group as the top layers have them. */
  readonly accounts: Accounts
}

/** What a recipe may prefer: a technology by its name, or the cheapest that holds what every engine promises. */
export const ENGINE_WISHES = ['container', 'gvisor', 'uml', 'microvm', 'vm', 'auto'] as const
export type EngineWish = (typeof ENGINE_WISHES)[number]

/** The part of the OCI image configuration that a box is started by. */
export interface ImageConfig {
  readonly user: string
  readonly workdir: string
  readonly env: readonly string[]
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  /** Grants that the recipe asks for: named to the user, given only by policy (label `glovebox.grants`). */
  readonly neededGrants: readonly string[]
  /** The technology that its recipe prefers (label `org.glovebox.engine`), taken where the user names none. */
  readonly engine?: EngineWish
  /** It asks for the internet (label `org.glovebox.network`), which a policy may leave to it. */
  readonly asksNetwork: boolean
}

export interface Accounts {
  readonly users: readonly {
    readonly name: string
    readonly uid: number
    readonly gid: number
    readonly home: string
    readonly shell: string
  }[]
  readonly groups: readonly {
    readonly name: string
    readonly gid: number
    readonly members: readonly string[]
  }[]
}

export interface ImageSummary {
  readonly name: string | undefined
  readonly digest: Digest
  /** Bytes of the blobs, as stored. */
  readonly sizeBytes: number
  readonly createdAt: string | undefined
  readonly layers: number
}

/** Long work says where it is: one event a step, `done`/`total` in bytes or items where they are known. */
export interface Progress {
  readonly step: string
  readonly detail?: string
  readonly done?: number
  readonly total?: number
}
export type OnProgress = (progress: Progress) => void
