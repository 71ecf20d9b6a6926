import { readFileSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import {
  exists,
  holds,
  nextFreeRange,
  overlaps,
  parseAccountIds,
  parseNamespaceMap,
  parseSubordinate,
  type Range,
  type SubordinateEntry,
} from './id-ranges.ts'
import type { IdMap, IdMaps } from './types.ts'

/** Ids of a box: what a distribution uses, `nobody` (65534) included. */
export const BOX_IDS = 65_536
/** SUB_UID_MIN of login.defs(5): no account of people lies above it by default. */
const FIRST_SUBORDINATE = 100_000
/** Free in systemd's table of ids (https://systemd.io/UIDS-GIDS), up to 2^31. */
const RESERVED: Range = { first: 0x7000_0000, length: 0x1000_0000 }

/** One kind of id, as the files of the system have it. */
export interface IdFiles {
  /** /etc/subuid or /etc/subgid */
  readonly subordinate: string
  /** /etc/passwd or /etc/group */
  readonly accounts: string
  /** /proc/self/uid_map or gid_map */
  readonly namespace: string
}

export interface IdSource {
  /** Login name, where the uid has one. */
  readonly name: string | undefined
  readonly uid: number
  readonly gid: number
  readonly uids: IdFiles
  readonly gids: IdFiles
}

/**
 * The ids that a box's users stand for on the host: the user's subordinate ones, never the user's own. Root has no
 * entry as a rule and takes a range that is nobody's.
 *
 * @throws GloveboxError SUBORDINATE_IDS_MISSING, SUBORDINATE_IDS_UNSAFE
 */
export function chooseIds(source: IdSource): IdMaps {
  const uids = subordinateMaps(source.uids, source, source.uid)
  const gids = subordinateMaps(source.gids, source, source.gid)
  if (uids !== undefined && gids !== undefined) return { uids, gids, source: 'subordinate' }
  const reserved = source.uid === 0 ? reservedRange(source) : undefined
  if (reserved === undefined) throw missing(source, uids === undefined, gids === undefined)
  const map = [{ inside: 0, outside: reserved.first, length: BOX_IDS }]
  return { uids: map, gids: map, source: 'reserved' }
}

function subordinateMaps(files: IdFiles, source: IdSource, ownId: number): IdMap[] | undefined {
  const namespace = parseNamespaceMap(files.namespace)
  const owners = [source.name, String(source.uid)]
  const used: SubordinateEntry[] = []
  const maps: IdMap[] = []
  let inside = 0
  for (const entry of parseSubordinate(files.subordinate)) {
    if (!owners.includes(entry.owner) || inside === BOX_IDS) continue
    if (used.some((other) => overlaps(other, entry)) || !exists(entry, namespace)) continue
    const length = Math.min(entry.length, BOX_IDS - inside)
    refuseAccounts({ first: entry.first, length }, [ownId, ...parseAccountIds(files.accounts)])
    maps.push({ inside, outside: entry.first, length })
    used.push(entry)
    inside += length
  }
  return inside === BOX_IDS ? maps : undefined
}

/** A range over somebody's account would hand that account's files to the box (seen with hand-written entries). */
function refuseAccounts(range: Range, accounts: readonly number[]): void {
  const account = [0, ...accounts].find((id) => holds(range, id))
  if (account === undefined) return
  throw new GloveboxError({
    code: 'SUBORDINATE_IDS_UNSAFE',
    audience: 'host',
    message: `Cannot use the subordinate ids from ${range.first} on: ${account} among them is the id of an account of this machine.`,
    remedy: 'Take that line out of /etc/subuid and /etc/subgid, then: glovebox setup',
    details: { range, account },
  })
}

function reservedRange(source: IdSource): Range | undefined {
  const kinds = [source.uids, source.gids].map((files) => ({
    namespace: parseNamespaceMap(files.namespace),
    taken: parseSubordinate(files.subordinate),
    accounts: parseAccountIds(files.accounts),
  }))
  for (let at = 0; at < RESERVED.length; at += BOX_IDS) {
    const range = { first: RESERVED.first + at, length: BOX_IDS }
    const free = kinds.every(
      ({ namespace, taken, accounts }) =>
        exists(range, namespace) &&
        !taken.some((other) => overlaps(other, range)) &&
        !accounts.some((id) => holds(range, id)),
    )
    if (free) return range
  }
  return undefined
}

/** The words of usermod(8) that give the user what is missing: a range behind all that are given away. */
export function addIdsCommand(source: IdSource, uids = true, gids = true): [string, ...string[]] {
  const range = nextFreeRange(
    [source.uids, source.gids].flatMap((files) => parseSubordinate(files.subordinate)),
    FIRST_SUBORDINATE,
    BOX_IDS,
  )
  const words = `${range.first}-${range.first + range.length - 1}`
  return [
    'usermod',
    ...(uids ? ['--add-subuids', words] : []),
    ...(gids ? ['--add-subgids', words] : []),
    source.name ?? String(source.uid),
  ]
}

function missing(source: IdSource, uids: boolean, gids: boolean): GloveboxError {
  const files = [...(uids ? ['/etc/subuid'] : []), ...(gids ? ['/etc/subgid'] : [])].join(' and ')
  const who = source.name ?? `user id ${source.uid}`
  if (
    source.uid === 0 ||
    !exists({ first: FIRST_SUBORDINATE, length: BOX_IDS }, parseNamespaceMap(source.uids.namespace))
  )
    return new GloveboxError({
      code: 'SUBORDINATE_IDS_MISSING',
      audience: 'host',
      message: `Cannot give a box ids of its own: this looks like a container, and too few of the host's ids exist in it (/proc/self/uid_map).`,
      remedy: 'Start that container with at least 65536 further ids, or run Glovebox on its host.',
    })
  return new GloveboxError({
    code: 'SUBORDINATE_IDS_MISSING',
    audience: 'host',
    message: `Cannot give a box ids of its own: ${files} grants ${who} no ${BOX_IDS} subordinate ids.`,
    remedy: `sudo ${addIdsCommand(source, uids, gids).join(' ')}`,
    details: { uids, gids },
  })
}

/** What {@link chooseIds} asks for, from the files of this machine. */
export function readIdSource(): IdSource {
  const read = (kind: 'uid' | 'gid'): IdFiles => ({
    subordinate: readOrEmpty(`/etc/sub${kind}`),
    accounts: readOrEmpty(kind === 'uid' ? '/etc/passwd' : '/etc/group'),
    namespace: readOrEmpty(`/proc/self/${kind}_map`),
  })
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const uids = read('uid')
  return { name: loginName(uid, uids.accounts), uid, gid, uids, gids: read('gid') }
}

/** From passwd(5), which is read anyway; whom it does not know, the system's user database may (LDAP and the like). */
function loginName(uid: number, accounts: string): string | undefined {
  const row = accounts.split('\n').find((line) => line.split(':', 3)[2] === String(uid))
  if (row !== undefined) return row.slice(0, row.indexOf(':'))
  try {
    return process.getBuiltinModule('node:os').userInfo().username
  } catch {
    // A uid without an entry in the user database (a container started with one); its entries are found by number.
    return undefined
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
