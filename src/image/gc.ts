import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf } from '../host/process-identity.ts'
import { diskName } from './disk.ts'
import { blobPath, hexOf, readDocument, readIndex, type StorePlaces } from './layout.ts'
import { isStale, withIndexLock } from './lock.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { blobsOf } from './referrers.ts'
import type { Digest } from './types.ts'
import { discardTree, type ImageContext } from './unpack.ts'

/** A blob this young may belong to a build that has not named its image yet. */
const SETTLED_MS = 60 * 60 * 1000
/** What belongs to no one image is small, and is made anew where it is missed. */
const FORGOTTEN_MS = 30 * 24 * SETTLED_MS

/**
 * Removes what killed builds left, and blobs and trees that no image needs.
 *
 * @param used digests of images that boxes stand on, named or not
 * @returns how many things went
 */
export async function collectImages(context: ImageContext, used: readonly string[]): Promise<number> {
  const { places } = context
  let gone = 0
  for (const name of list(places.temporary)) {
    const owner = /-(\d+)-[0-9a-f]{12}$/.exec(name)?.[1]
    if (owner !== undefined && identityOf(Number(owner)) !== undefined) continue
    await discardTree(context, join(places.temporary, name))
    gone++
  }
  const needed = await withIndexLock(places, () => reachable(places, used))
  for (const hex of list(join(places.oci, 'blobs', 'sha256'))) {
    const digest = `sha256:${hex}` as Digest
    if (needed.blobs.has(digest) || Date.now() - statSync(blobPath(places, digest)).mtimeMs < SETTLED_MS)
      continue
    rmSync(blobPath(places, digest), { force: true })
    gone++
  }
  for (const hex of list(places.trees)) {
    const folder = join(places.trees, hex)
    if (needed.trees.has(hex) || Date.now() - statSync(folder).mtimeMs < SETTLED_MS) continue
    await discardTree(context, folder)
    gone++
  }
  const made = [places.disks, places.downloads].map((folder) => collectMade(folder, needed.disks))
  return made.reduce((sum, one) => sum + one, gone)
}

/** The time of a file that makeOnce has made is that of its last use. */
function collectMade(folder: string, needed: ReadonlySet<string>): number {
  const old = list(folder).filter((name) => {
    const path = join(folder, name)
    if (name.endsWith('.lock')) return isStale(path)
    const patience = name.startsWith('base-') ? SETTLED_MS : FORGOTTEN_MS
    return !needed.has(name) && Date.now() - statSync(path).mtimeMs > patience
  })
  for (const name of old) rmSync(join(folder, name), { force: true })
  return old.length
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

interface Reachable {
  readonly blobs: ReadonlySet<Digest>
  readonly trees: ReadonlySet<string>
  /** Names of files. */
  readonly disks: ReadonlySet<string>
}

function reachable(places: StorePlaces, used: readonly string[]): Reachable {
  const blobs = new Set<Digest>()
  const trees = new Set<string>()
  const disks = new Set<string>()
  const { manifests, referrers } = readIndex(places)
  const images = [...manifests.map((one) => one.digest), ...(used as readonly Digest[])]
  for (const digest of images) {
    blobs.add(digest)
    for (const named of readFileSync(blobPath(places, digest), 'utf8').match(/sha256:[0-9a-f]{64}/g) ?? [])
      blobs.add(named as Digest)
    const manifest = parseManifest(readDocument(places, digest))
    const layers = parseConfig(readDocument(places, manifest.config.digest)).diffIds.map(hexOf)
    for (const hex of layers) trees.add(hex)
    disks.add(diskName(layers.toReversed()))
  }
  for (const referrer of referrers) {
    blobs.add(referrer.digest)
    if (existsSync(blobPath(places, referrer.digest)))
      for (const digest of blobsOf(places, referrer)) blobs.add(digest)
  }
  return { blobs, trees, disks }
}
