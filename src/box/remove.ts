import { existsSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import type { RunJob } from '../host/holder.ts'
import type { IdMaps } from '../host/types.ts'
import { type BoxFolders, boxFiles, listFolders, liveness, readExitCode, readRecord } from './state.ts'

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

/** Deletes the folder of a box that does not run. */
export async function removeBox(dir: string, runJob: RunJob, ids: IdMaps): Promise<void> {
  const { write } = boxFiles(dir)
  if (existsSync(write)) await removeAsSubordinate(runJob, ids, write, ['upper', 'work', 'tmp'])
  removeCgroups(dir)
  rmSync(dir, { recursive: true, force: true })
}

/** A supervisor that was killed could not remove its cgroups; an empty one goes with rmdir(2), a used one stays. */
function removeCgroups(dir: string): void {
  for (const cgroup of readRecord(dir)?.cgroups ?? [])
    try {
      rmdirSync(cgroup)
    } catch {
      /* Gone already, or still emptying: the next gc meets it again only if the folder stays, so nothing is lost. */
    }
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
  const garbage = listFolders(folders).filter((dir) => {
    const record = readRecord(dir)
    if (record === undefined) return isAbandoned(dir)
    if (record.kept || liveness(dir, record) !== 'ended') return false
    return finished || readExitCode(dir) === undefined
  })
  for (const dir of garbage) await removeBox(dir, runJob, ids)
  return garbage.length
}
