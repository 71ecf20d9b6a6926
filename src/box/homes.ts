import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import type { Plan } from '../plan/types.ts'
import type { BoxContext } from './context.ts'
import { removeAsSubordinate } from './remove.ts'
import { type BoxFolders, checkName, listFolders, liveness, readRecord } from './state.ts'

/** What lies in the folder of a home: `data` of containers or the `disk` of machines; the disk, where both are there. */
export const HOME_FILES = (dir: string) =>
  ({
    data: `${dir}/data`,
    disk: `${dir}/disk`,
    newDisk: `${dir}/disk.new`,
    oldDisk: `${dir}/disk.old`,
    lock: `${dir}/lock`,
  }) as const

/** Boxes that have this home and have not ended. */
function usersOf(folders: BoxFolders, name: string): Plan[] {
  return listFolders(folders).flatMap((dir) => {
    const record = readRecord(dir)
    const uses = record?.plan.storage.home?.name === name && liveness(dir, record) !== 'ended'
    return uses ? [record.plan] : []
  })
}

/** @throws GloveboxError HOME_IN_USE where any box that has not ended has this home */
export function assertHomeFree(folders: BoxFolders, name: string): void {
  const [user] = usersOf(folders, name)
  if (user !== undefined) throw inUse(`Cannot use the home folder "${name}"`, user)
}

/**
 * For a box that is written down and not started: containers may share a home, a machine has its home alone, and a home
 * that another start has moved into the other form meanwhile is not to be used in this one.
 *
 * @throws GloveboxError HOME_IN_USE
 */
export function claimHome(folders: BoxFolders, plan: Plan): void {
  const { home } = plan.storage
  if (home === undefined) return
  const others = usersOf(folders, home.name).filter(({ box }) => box.id !== plan.box.id)
  const other = others.find(({ machine }) => machine !== undefined || plan.machine !== undefined)
  if (other !== undefined) throw inUse(`Cannot use the home folder "${home.name}"`, other)
  if (existsSync(HOME_FILES(home.path).disk) !== (plan.machine !== undefined))
    throw inUse(`Cannot use the home folder "${home.name}"`, undefined)
}

function inUse(what: string, user: Plan | undefined): GloveboxError {
  const who = user === undefined ? 'another box that starts' : `box ${user.box.name ?? user.box.id}`
  return new GloveboxError({
    code: 'HOME_IN_USE',
    audience: 'usage',
    message: `${what}: ${who} has it.`,
    remedy:
      user === undefined
        ? 'Try again.'
        : `Stop that first: glovebox stop ${user.box.id}   Only containers can share a home.`,
    ...(user === undefined ? {} : { details: { box: user.box.id } }),
  })
}

/** Names of the home folders that are kept (`--home`). */
export function listHomes({ paths }: BoxContext): string[] {
  return existsSync(paths.boxes.homes) ? readdirSync(paths.boxes.homes).sort() : []
}

/**
 * Deletes a kept home folder with all that is in it.
 *
 * @throws GloveboxError HOME_NOT_FOUND, HOME_IN_USE, BAD_NAME
 */
export async function removeHome(context: BoxContext, name: string): Promise<void> {
  const { paths, runJob, ids } = context
  const dir = join(paths.boxes.homes, checkName(name))
  if (!existsSync(dir))
    throw new GloveboxError({
      code: 'HOME_NOT_FOUND',
      audience: 'usage',
      message: `There is no kept home folder "${name}".`,
      remedy: `These are there: ${listHomes(context).join(', ') || 'none'}`,
    })
  const [user] = usersOf(paths.boxes, name)
  if (user !== undefined) throw inUse(`Cannot delete the home folder "${name}"`, user)
  await removeAsSubordinate(runJob, ids, dir, readdirSync(dir))
  rmSync(dir, { recursive: true, force: true })
}
