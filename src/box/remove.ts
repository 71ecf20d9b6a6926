import { existsSync, rmSync, statSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { removeCgroups } from '../host/cgroups.ts'
import type { RunJob } from '../host/holder.ts'
import type { IdMaps } from '../host/types.ts'
import { writeEvent } from './journal.ts'
import {
  type BoxFolders,
  type BoxRecord,
  boxFiles,
  listFolders,
  liveness,
  readExitCode,
  readRecord,
} from './state.ts'

/** What belongs to subordinate ids can be deleted only by their root: rm(1) in a job that sees nothing else. */
export async function removeAsSubordinate(
  runJob: RunJob,
  ids: IdMaps,
  folder: string,
  names: readonly string[],
): Promise<void> {
  const { exitCode } = await runJob(
    {
      ids,
      mounts: [{ kind: 'rw', source: folder, target: '/box/target' }],
      network: 'none',
      argv: ['/bin/rm', '-rf', '--one-file-system', '--', ...names.map((name) => `/box/target/${name}`)],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'ignore', 'inherit'],
  )
  if (exitCode !== 0)
    throw new GloveboxError({
      code: 'REMOVE_FAILED',
      audience: 'host',
      message: `Cannot delete all of ${folder}: rm ended with code ${exitCode}.`,
      remedy: 'See its message above; glovebox gc tries again.',
    })
}

/**
 * Deletes the folder of a box that does not run.
 *
 * @throws GloveboxError CGROUP_BUSY: the folder stays, as nothing else knows of the cgroup
 */
export async function removeBox(
  folders: BoxFolders,
  dir: string,
  runJob: RunJob,
  ids: IdMaps,
): Promise<void> {
  const { write } = boxFiles(dir)
  const record = readRecord(dir)
  await releaseCgroups(record)
  if (existsSync(write)) await removeAsSubordinate(runJob, ids, write, ['upper', 'work', 'tmp'])
  rmSync(dir, { recursive: true, force: true })
  if (record !== undefined) writeEvent(folders, record.plan.box.id, { type: 'removed' })
}

/** A supervisor that was killed could not remove its cgroups. */
async function releaseCgroups(record: BoxRecord | undefined): Promise<void> {
  const left = await removeCgroups(record?.cgroups ?? [])
  if (left.length === 0) return
  throw new GloveboxError({
    code: 'CGROUP_BUSY',
    audience: 'host',
    message: `Cannot delete box ${record?.plan.box.id}: processes of it are still ending in ${left.join(' and ')}.`,
    remedy: 'Try again with: glovebox gc',
  })
}

/** A start writes its record within milliseconds of its folder; until then nobody can tell whose it is. */
const UNRECORDED_MS = 60_000

function isAbandoned(dir: string): boolean {
  const stat = statSync(dir, { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > UNRECORDED_MS
}

/**
 * Removes what ended boxes left. `finished` also takes detached boxes that ended in order and wait for `rm`; without
 * it only those go that a kill has cut short. Kept boxes always stay.
 *
 * @returns how many folders went
 */
export async function collectBoxes(
  folders: BoxFolders,
  finished: boolean,
  runJob: RunJob,
  ids: IdMaps,
): Promise<number> {
  const ended = listFolders(folders).filter((dir) => {
    const record = readRecord(dir)
    return record === undefined ? isAbandoned(dir) : liveness(dir, record) === 'ended'
  })
  let removed = 0
  for (const dir of ended)
    try {
      const record = readRecord(dir)
      if (record?.kept) await releaseCgroups(record)
      else if (record === undefined || finished || readExitCode(dir) === undefined) {
        await removeBox(folders, dir, runJob, ids)
        removed++
      }
    } catch (error) {
      /* Its folder stays, and with it what the next gc must know: no reason to keep another box from its start. */
      if (!(error instanceof GloveboxError && error.code === 'CGROUP_BUSY')) throw error
    }
  return removed
}
