import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { ENGINES } from '../engine/index.ts'
import { extractHome, makeHomeDisk, settleHome } from '../image/home.ts'
import { withFileLock } from '../image/lock.ts'
import { ARCHIVE_LIMITS } from '../image/tar-path.ts'
import type { ImageContext } from '../image/unpack.ts'
import type { BoxRequest } from '../plan/types.ts'
import type { BoxContext } from './context.ts'
import { assertHomeFree, HOME_FILES } from './homes.ts'
import { removeAsSubordinate } from './remove.ts'

/* A home is a folder for containers and a disk for machines, never both: whoever starts a box of the other kind moves it
 * over first. While a disk is there it is the home, so a kill at any point leaves one of the two whole. */

const WAIT_MS = 10 * 60 * 1000

/** Whether a box of this engine has its home on a disk. */
export const onDisk = (engine: BoxRequest['engine']): boolean =>
  ENGINES[engine ?? 'container'].machine !== undefined

/**
 * Brings a home into the form that the engine of this request needs.
 *
 * @throws GloveboxError HOME_IN_USE, DISK_NOT_MADE, DISK_FULL, GUEST_UNREADABLE, ARCHIVE_*; the home is as it was then
 */
export async function readyHome(
  context: BoxContext,
  request: Pick<BoxRequest, 'engine' | 'image'>,
  name: string,
): Promise<void> {
  const dir = `${context.paths.boxes.homes}/${name}`
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o777)
  const files = HOME_FILES(dir)
  const wait = { waitMs: WAIT_MS, askEveryMs: 50, what: `use the home folder ${name}` }
  await withFileLock(files.lock, wait, async () => {
    if (existsSync(files.disk) === onDisk(request.engine)) return
    assertHomeFree(context.paths.boxes, name)
    if (onDisk(request.engine)) await toDisk(context, name, dir)
    else await toFolder(context, request.image ?? 'base', name, dir)
  })
}

const imageContext = (context: BoxContext): ImageContext => ({
  places: context.store,
  ids: context.ids,
  runJob: context.runJob,
  limits: ARCHIVE_LIMITS,
})

async function toDisk(context: BoxContext, name: string, dir: string): Promise<void> {
  const files = HOME_FILES(dir)
  rmSync(files.newDisk, { force: true })
  await makeHomeDisk(
    imageContext(context),
    dir,
    files.newDisk,
    existsSync(files.data) ? files.data : undefined,
  )
  renameSync(files.newDisk, files.disk)
  try {
    /* A container that began meanwhile has written down that it did, before it looked for the disk (claimHome). */
    assertHomeFree(context.paths.boxes, name)
  } catch (error) {
    rmSync(files.disk)
    throw error
  }
  settle(dir)
  await removeAsSubordinate(context.runJob, context.ids, dir, ['data', 'work'])
}

async function toFolder(context: BoxContext, image: string, name: string, dir: string): Promise<void> {
  const files = HOME_FILES(dir)
  const { readDisk } = await import('./read-machine.ts')
  /* What a kill left of an earlier attempt: the disk is the home still. */
  await removeAsSubordinate(context.runJob, context.ids, dir, ['data', 'data.new', 'work'])
  await readDisk(context, image, { disk: files.disk, what: 'home' }, `the home folder ${name}`, (archive) =>
    extractHome(imageContext(context), archive, dir),
  )
  await settleHome(imageContext(context), dir)
  renameSync(files.disk, files.oldDisk)
  try {
    assertHomeFree(context.paths.boxes, name)
  } catch (error) {
    renameSync(files.oldDisk, files.disk)
    throw error
  }
  settle(dir)
  rmSync(files.oldDisk)
}

/** The new form is on the disk of the host before the old one goes. */
function settle(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
