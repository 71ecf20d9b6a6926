import { lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { type StorePlaces, temporaryPath } from '../image/layout.ts'
import { quote } from '../policy/quote.ts'
import type { SnapshotFacts } from './snapshot.ts'

/** The kept memory of a booted machine. */
export interface SnapshotSummary extends SnapshotFacts {
  /** The end of its name in the store. */
  readonly id: string
  /** What it takes of the disk: the pages that the guest had touched. */
  readonly sizeBytes: number
}

const NAME = /^snapshot-[0-9a-f]{64}-([0-9a-f]{16})$/

/** Every snapshot of the store, the newest first. */
export function listSnapshots(places: StorePlaces): SnapshotSummary[] {
  return namesIn(places)
    .flatMap((name) => summaryOf(join(places.disks, name)) ?? [])
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
}

/** @throws GloveboxError SNAPSHOT_NOT_FOUND */
export function summarizeSnapshot(folder: string): SnapshotSummary {
  const found = summaryOf(folder)
  if (found === undefined) throw notOne(basename(folder), 0)
  return found
}

function summaryOf(folder: string): SnapshotSummary | undefined {
  const id = NAME.exec(basename(folder))?.[1]
  const facts = readFacts(folder)
  return id === undefined || facts === undefined ? undefined : { id, ...facts, sizeBytes: sizeOnDisk(folder) }
}

/**
 * Removes snapshots; boxes that came of one keep what they have of it.
 *
 * @param id its beginning is enough where only one has it
 * @throws GloveboxError SNAPSHOT_NOT_FOUND, SNAPSHOT_AMBIGUOUS
 */
export function removeSnapshot(places: StorePlaces, id: string): void {
  const found = namesIn(places).filter((name) => NAME.exec(name)?.[1]?.startsWith(id) && id !== '')
  const [first, second] = found
  if (first !== undefined && second === undefined) {
    /* At once for all others; deleting takes its time. */
    const away = temporaryPath(places, 'doomed')
    renameSync(join(places.disks, first), away)
    rmSync(away, { recursive: true })
    return
  }
  throw notOne(id, found.length)
}

function notOne(id: string, count: number): GloveboxError {
  return new GloveboxError({
    code: count === 0 ? 'SNAPSHOT_NOT_FOUND' : 'SNAPSHOT_AMBIGUOUS',
    audience: 'usage',
    message: `Cannot tell which snapshot is ${quote(id)}: ${count === 0 ? 'there is none' : `${count} begin so`}.`,
    remedy: 'See them with: glovebox snapshot list',
  })
}

function namesIn(places: StorePlaces): string[] {
  try {
    return readdirSync(places.disks).filter((name) => NAME.test(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readFacts(folder: string): SnapshotFacts | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'snapshot.json'), 'utf8')) as SnapshotFacts
  } catch {
    /* Being removed. */
    return undefined
  }
}

/** stat(2) counts blocks of 512 bytes. */
function sizeOnDisk(folder: string): number {
  const blocks = readdirSync(folder).map((name) => lstatSync(join(folder, name)).blocks)
  return blocks.reduce((sum, one) => sum + one, 0) * 512
}
