import { refused, safePath } from './tar-path.ts'
import type { FilterState, IncomingEntry, OutgoingEntry } from './tar-types.ts'

const OPAQUE_XATTR = 'SCHILY.xattr.user.overlay.opaque'
const CAPABILITY_XATTR = 'SCHILY.xattr.security.capability'
const WHITEOUT = '.wh.'
const OPAQUE_NAME = '.wh..wh..opq'
/** The ids that a box has: 65536 subordinate ones. */
const ID_COUNT = 65536
/** The last second that every part of the way (tar headers, 32-bit clocks) agrees on. */
const LAST_SECOND = 2 ** 31 - 1
const STRIP_REMEDY =
  'If you trust its origin, import it with --strip-privileged: the bits, capabilities and devices are dropped and named.'

/**
 * The entries that go out for one that came in: none where it stays behind, two where a folder hides what was below.
 *
 * @throws GloveboxError ARCHIVE_*
 */
export function decide(state: FilterState, header: IncomingEntry): OutgoingEntry[] {
  const { rules } = state
  const path = safePath(header.name, rules.limits)
  checkKind(header, path)
  if (rules.omit?.(path, header.type === 'directory')) return []
  const base = {
    name: path === '' ? './' : path,
    uid: checkId(header.uid, path),
    gid: checkId(header.gid, path),
    mode: (header.mode ?? 0o644) & 0o7777,
    mtime: clamp(header.mtime, rules.clampSeconds),
    size: 0,
  }
  const marks = marksOf(state, path, header, base)
  if (marks !== undefined) return marks
  switch (header.type) {
    case 'directory':
      return [folderOf(state, path, base), ...opaqueMark(state, path, header, base)]
    case 'file':
    case 'contiguous-file':
      state.table.add(path, 'file')
      return [{ ...base, type: 'file', size: header.size ?? 0, mode: plainMode(state, path, header) }]
    case 'symlink':
      state.table.add(path, 'symlink')
      return [{ ...base, type: 'symlink', linkname: checkTarget(header, path) }]
    case 'link': {
      const target = safePath(header.linkname ?? '', rules.limits)
      state.table.checkHardlink(path, target)
      state.table.add(path, 'file')
      return [{ ...base, type: 'link', linkname: target }]
    }
    default:
      return dropSpecial(state, path, header)
  }
}

type Base = Omit<OutgoingEntry, 'type'>

function marksOf(
  state: FilterState,
  path: string,
  header: IncomingEntry,
  base: Base,
): OutgoingEntry[] | undefined {
  if (state.rules.direction === 'layer') return layerMark(state, path, base)
  if (split(path)[1].startsWith(WHITEOUT))
    throw refused('ARCHIVE_PATH', 'has a name that an image layer keeps for whiteouts', path)
  return state.rules.direction === 'upper' ? upperMark(path, header, base) : undefined
}

function checkId(id: number | undefined, path: string): number {
  const value = id ?? 0
  if (!Number.isInteger(value) || value < 0 || value >= ID_COUNT)
    throw refused('ARCHIVE_ID', `belongs to id ${value}, but a box has the ids 0 to ${ID_COUNT - 1}`, path)
  return value
}

/** A time that is none, before 1970 or beyond what a header can carry becomes the nearest that it can. */
function clamp(mtime: Date | undefined, seconds = LAST_SECOND): Date {
  const at = Math.floor((mtime?.getTime() ?? 0) / 1000)
  return new Date(1000 * Math.max(0, Math.min(Number.isNaN(at) ? 0 : at, seconds, LAST_SECOND)))
}

const KINDS = new Set([
  'file',
  'contiguous-file',
  'directory',
  'symlink',
  'link',
  'character-device',
  'block-device',
  'fifo',
])

/** What cannot be read for certain is never dropped in silence; a sparse file would come out as something else. */
function checkKind(header: IncomingEntry, path: string): void {
  const sparse = Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.'))
  if (sparse || !KINDS.has(header.type ?? ''))
    throw refused('ARCHIVE_KIND', `is ${sparse ? 'a sparse file' : 'of a kind that is not known'}`, path)
}

function folderOf(state: FilterState, path: string, base: Base): OutgoingEntry {
  const hidden = state.table.kindOf(path) === 'whiteout' || state.opaque.has(path)
  if (path !== '') state.table.add(path, 'directory')
  const folder: OutgoingEntry = {
    ...base,
    type: 'directory',
    ...(hidden ? { pax: { [OPAQUE_XATTR]: 'y' } } : {}),
  }
  state.folders.set(path, folder)
  return folder
}

function checkTarget(header: IncomingEntry, path: string): string {
  const target = header.linkname ?? ''
  if (target === '' || target.includes('\0') || Buffer.byteLength(target) > 4096)
    throw refused('ARCHIVE_LINK', 'is a symbolic link to nothing, or to too long a name', path)
  return target
}

function plainMode(state: FilterState, path: string, header: IncomingEntry): number {
  const mode = header.mode ?? 0o644
  if ((mode & 0o6000) === 0 && header.pax?.[CAPABILITY_XATTR] === undefined) return mode & 0o1777
  if (state.rules.privileged === 'refuse')
    throw refused(
      'ARCHIVE_SETUID',
      'would give privileges to whoever runs it (a set-user-id or set-group-id bit, or a file capability)',
      path,
      STRIP_REMEDY,
    )
  state.stripped.push(path)
  return mode & 0o1777
}

function dropSpecial(state: FilterState, path: string, header: IncomingEntry): OutgoingEntry[] {
  if (state.rules.privileged === 'refuse')
    throw refused(
      'ARCHIVE_DEVICE',
      `is a ${header.type ?? 'thing of an unknown kind'}, and an image holds only files, folders and links`,
      path,
      STRIP_REMEDY,
    )
  state.stripped.push(path)
  return []
}

function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/') + 1
  return [path.slice(0, at), path.slice(at)]
}

/** A layer's whiteout becomes overlayfs' own mark: a character device 0/0, or an extended attribute of the folder. */
function layerMark(state: FilterState, path: string, base: Base): OutgoingEntry[] | undefined {
  const [folder, name] = split(path)
  if (name === OPAQUE_NAME) return [opaqueFolder(state, folder.replace(/\/$/, ''), base)]
  if (!name.startsWith(WHITEOUT)) return undefined
  const hidden = name.slice(WHITEOUT.length)
  if (hidden === '' || hidden === '.' || hidden === '..' || hidden.startsWith(WHITEOUT))
    throw refused('ARCHIVE_PATH', 'is a whiteout of no file', path)
  const target = folder + hidden
  /* image-spec layer.md: a whiteout hides what lower layers have, never what its own layer puts there. */
  const own = state.table.kindOf(target)
  if (own === 'directory') return [opaqueFolder(state, target, base)]
  if (own !== undefined) return []
  state.table.add(target, 'whiteout')
  return [{ ...base, name: target, type: 'character-device', mode: 0, devmajor: 0, devminor: 0 }]
}

/** The folder once more, now with the mark; where it has not come yet it is made, and comes again as itself. */
function opaqueFolder(state: FilterState, path: string, base: Base): OutgoingEntry {
  const before = state.folders.get(path)
  state.opaque.add(path)
  return before === undefined
    ? folderOf(state, path, { ...base, name: path === '' ? './' : path, mode: 0o755 })
    : { ...before, pax: { [OPAQUE_XATTR]: 'y' } }
}

/** The other way round: overlayfs' whiteout becomes a `.wh.` file of the layer. */
function upperMark(path: string, header: IncomingEntry, base: Base): OutgoingEntry[] | undefined {
  const [folder, name] = split(path)
  if (header.type !== 'character-device' || header.devmajor !== 0 || header.devminor !== 0) return undefined
  return [{ ...base, name: `${folder}${WHITEOUT}${name}`, type: 'file', mode: 0o644 }]
}

function opaqueMark(state: FilterState, path: string, header: IncomingEntry, base: Base): OutgoingEntry[] {
  if (state.rules.direction !== 'upper' || header.pax?.[OPAQUE_XATTR] !== 'y') return []
  return [{ ...base, name: `${path}/${OPAQUE_NAME}`, type: 'file', mode: 0o644 }]
}
