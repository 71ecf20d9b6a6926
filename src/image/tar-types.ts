import type { ArchiveLimits, EntryTable } from './tar-path.ts'

/** What tar-stream says of an entry; nothing of it is trusted. */
export interface IncomingEntry {
  readonly name: string
  readonly type: string | null
  readonly linkname?: string | null
  readonly size?: number
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: Date
  readonly devmajor?: number
  readonly devminor?: number
  readonly pax?: Readonly<Record<string, string>> | null
}

/** What goes out: checked, and nothing that was not asked for. */
export interface OutgoingEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'character-device'
  readonly linkname?: string
  readonly size: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: Date
  readonly devmajor?: number
  readonly devminor?: number
  readonly pax?: Readonly<Record<string, string>>
}

export interface FilterRules {
  readonly limits: ArchiveLimits
  /** Set-user-id bits, file capabilities and device nodes: refuse the archive, or drop them and say so. */
  readonly privileged: 'refuse' | 'strip'
  /**
   * - `layer`: an OCI layer on its way to a tree: `.wh.` names become overlayfs' own marks (image-spec layer.md)
   * - `upper`: an overlayfs upper folder on its way to a layer: the other way round
   * - `whole`: a whole root filesystem, without whiteouts: what comes out is a layer and fit for a tree as well
   */
  readonly direction: 'layer' | 'upper' | 'whole'
  /** Changes an entry before it is judged, where its origin's owners and modes mean nothing here. */
  readonly adjust?: (entry: IncomingEntry) => IncomingEntry
  /** Entries that are left out, by path: caches and logs of a build. */
  readonly omit?: (path: string, isFolder: boolean) => boolean
  /** Files whose content is replaced, by path; undefined leaves them. */
  readonly replace?: (path: string) => string | undefined
  /** Later times become this one, in seconds (reproducible-builds.org, SOURCE_DATE_EPOCH). */
  readonly clampSeconds?: number
  /** Files whose content is kept for the caller, by path, as long as they are not larger than 16 MiB. */
  readonly keep?: ReadonlySet<string>
}

export interface FilterResult {
  readonly entries: number
  readonly bytes: number
  /** Paths that lost a privilege. */
  readonly stripped: readonly string[]
  readonly passwd?: string
  readonly group?: string
  readonly kept: ReadonlyMap<string, string>
}

export interface FilterState {
  readonly rules: FilterRules
  readonly table: EntryTable
  /** Folders as they went out: an opaque mark that comes behind its folder must not change the folder's mode and owner. */
  readonly folders: Map<string, OutgoingEntry>
  /** Folders that hide what lower layers have below them. */
  readonly opaque: Set<string>
  readonly stripped: string[]
  entries: number
  nameBytes: number
  bytes: number
  readonly kept: Map<string, string>
}
