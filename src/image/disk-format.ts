/* The disks' file system, as words for mke2fs(8). Pure. */

export const BLOCK_BYTES = 4096

/** What all disks have in common, so that the host's mke2fs.conf and the tool's version decide nothing. */
const COMMON = [
  '-q',
  '-F',
  ...['-b', String(BLOCK_BYTES)],
  ...['-I', '256'],
  ...['-m', '0'],
  ...['-e', 'remount-ro'],
]

/** The seeds of directory hashes are no secrets here: who makes the names of an image makes its disk as well. */
const IDENTITY = 'b0be5c0d-5e1f-4e5b-9d15-0000610f3b0c'
const FEATURES = 'none,ext_attr,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file'
const BASE_FEATURES = `${FEATURES},dir_nlink,extra_isize,uninit_bg`
const WRITE_FEATURES = `${FEATURES},dir_nlink,extra_isize,metadata_csum,64bit,has_journal`

/**
 * For mke2fs(8) and debugfs(8): their own times are this one. Not SOURCE_DATE_EPOCH, by which newer ones (1.47.1) also
 * cut the times of files.
 */
export const FORMAT_ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  MKE2FS_CONFIG: '/dev/null',
  E2FSPROGS_FAKE_TIME: '1000000000',
} as const

/** What a tree needs of a disk. */
export interface DiskNeeds {
  readonly inodes: number
  readonly bytes: number
}

/** mke2fs(8) keeps the first ten for itself; and lost+found. */
const RESERVED_INODES = 16
/** Of a directory's entry, at the most: a name of 255 bytes and its head. */
const ENTRY_BYTES = 264
const INODE_BYTES = 256

/** Adds up what find(1) says of a tree, one line a file: kind and size (`f 1234`). */
export class NeedsCounter {
  #inodes = RESERVED_INODES
  #bytes = 0

  add(line: string): void {
    const [kind, size = '0'] = line.split(' ')
    this.#inodes++
    this.#bytes += ENTRY_BYTES
    if (kind === 'd') this.#bytes += BLOCK_BYTES
    else this.#bytes += Math.ceil(Number(size) / BLOCK_BYTES) * BLOCK_BYTES
  }

  /** With the file system's own tables, and 2 % for extents, bitmaps and a start that is never too small. */
  needs(): DiskNeeds {
    const bytes = (this.#bytes + this.#inodes * INODE_BYTES) * 1.02 + 8 * 2 ** 20
    return { inodes: this.#inodes, bytes: Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES }
  }
}

/** A read-only disk of a tree. It needs no journal, and no checksums: nothing is ever written to it. */
export function baseWords(disk: string, tree: string, needs: DiskNeeds): string[] {
  return [
    ...COMMON,
    ...['-O', BASE_FEATURES],
    ...['-U', IDENTITY],
    ...['-E', `root_owner=0:0,hash_seed=${IDENTITY}`],
    ...['-N', String(needs.inodes)],
    ...['-d', tree],
    disk,
    String(needs.bytes / BLOCK_BYTES),
  ]
}

/** A journal larger than this only makes a box's writes larger. */
const JOURNAL_MIB = 16

/** A disk that is written to, empty or with the files of a folder on it. */
export function emptyWords(disk: string, bytes: number, tree?: string): string[] {
  const journal = bytes < 2 ** 28 ? [] : ['-J', `size=${JOURNAL_MIB}`]
  return [
    ...COMMON,
    ...['-O', WRITE_FEATURES],
    ...['-U', IDENTITY],
    ...['-E', `root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,hash_seed=${IDENTITY}`],
    ...journal,
    ...(tree === undefined ? [] : ['-d', tree]),
    disk,
    String(Math.floor(bytes / BLOCK_BYTES)),
  ]
}
