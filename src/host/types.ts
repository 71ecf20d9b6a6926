/** `inside` ids start at this host id and run for `length` ids (user_namespaces(7), uid_map). */
export interface IdMap {
  readonly inside: number
  readonly outside: number
  readonly length: number
}

export interface IdMaps {
  readonly uids: readonly IdMap[]
  readonly gids: readonly IdMap[]
  /**
   * - `subordinate`: /etc/subuid, written by newuidmap(1)
   * - `reserved`: root, a range of ids that belongs to nobody
   */
  readonly source: 'subordinate' | 'reserved'
}

/** A mount in the holder's root. Sources are resolved with the user's own rights, never the box's. */
export type HolderMount =
  | { readonly kind: 'ro' | 'rw'; readonly source: string; readonly target: string }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly sizeBytes: number }

/** A trusted tool (tar, apt) that runs as root of the subordinate ids in a root of its own: see native/README.md. */
export interface HolderJob {
  readonly ids: IdMaps
  readonly mounts: readonly HolderMount[]
  /** Trees, top first, joined by overlayfs at /box/rootfs with `upper` taking the writes. */
  readonly overlay?: {
    readonly lowers: readonly string[]
    readonly upper: { readonly dir: string } | { readonly tmpfsBytes: number }
  }
  readonly network: 'none' | 'host'
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
}

/** Addresses, networks and ways out of this machine, as the kernel has them now. */
export interface NetworkFacts {
  /** Families in which there is a way out. */
  readonly families: readonly (4 | 6)[]
  /** Every address of this machine, of both families. */
  readonly hostAddresses: readonly string[]
  /** Ranges ADDRESS/BITS that are reached without a router, the LAN's global prefix among them. */
  readonly lanRanges: readonly string[]
  /** Those of them that the way out leads through: the LAN itself, and no bridge of containers or virtual machines. */
  readonly segments: readonly string[]
}
