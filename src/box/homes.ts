import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import type { BoxContext } from './context.ts'
import { removeAsSubordinate } from './remove.ts'
import { checkName, listFolders, liveness, readRecord } from './state.ts'

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
  const user = listFolders(paths.boxes).find((box) => {
    const record = readRecord(box)
    return record?.plan.storage.home?.name === name && liveness(box, record) !== 'ended'
  })
  if (user !== undefined)
    throw new GloveboxError({
      code: 'HOME_IN_USE',
      audience: 'usage',
      message: `Cannot delete the home folder "${name}": a box that has it is running.`,
      remedy: `Stop it first: glovebox stop ${readRecord(user)?.plan.box.id ?? ''}`,
    })
  await removeAsSubordinate(runJob, ids, dir, readdirSync(dir))
  rmSync(dir, { recursive: true, force: true })
}
