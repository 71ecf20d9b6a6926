import type { IdMaps } from '../host/types.ts'

/** Who owns the files of an unpacked tree: the first subordinate uid and gid. */
export function ownerOfIds(ids: IdMaps): readonly [uid: number, gid: number] {
  return [ids.uids[0]?.outside ?? 0, ids.gids[0]?.outside ?? 0]
}
