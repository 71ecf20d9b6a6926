import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf } from '../host/process-identity.ts'
import { diskName } from './disk.ts'
import {
  blobPath,
  hexOf,
  type Index,
  REF_NAME,
  readDocument,
  readIndex,
  type StorePlaces,
  temporaryPath,
  writeIndex,
} from './layout.ts'
import { isLeased, isStale, withIndexLock } from './lock.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { blobsOf, withoutOrphans } from './referrers.ts'
import type { Digest } from './types.ts'
import { discardTree, type ImageContext } from './unpack.ts'

/** What belongs to no one image is small, and is made anew where it is missed. */
const FORGOTTEN_MS = 30 * 24 * 60 * 60 * 1000

/** A hundred megabytes and more each; a start that misses one boots. */
const SNAPSHOT_FORGOTTEN_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Removes what killed builds left, images that have lost their name and that no box stands on, and what no image needs.
 * While a build or an import is at work, only the first.
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
  /* What goes is moved away in an instant, under the lock; removing it takes its time. */
  const doomed = await withIndexLock(places, () => (isLeased(places) ? [] : takeAway(places, used)))
  for (const path of doomed) await discardTree(context, path)
  return gone + doomed.length
}

/** Names that were given to another image, or taken away, leave images without one: those go unless a box stands on them. */
function takeAway(places: StorePlaces, used: readonly string[]): string[] {
  const index = readIndex(places)
  const manifests = index.manifests.filter(
    (one) => one.annotations?.[REF_NAME] !== undefined || used.includes(one.digest),
  )
  const left = withoutOrphans({ ...index, manifests })
  const needed = reachable(places, left, used)
  const blobs = list(join(places.oci, 'blobs', 'sha256')).filter(
    (hex) => !needed.blobs.has(`sha256:${hex}` as Digest),
  )
  const trees = list(places.trees).filter((hex) => !needed.trees.has(hex))
  if (left.manifests.length < index.manifests.length || left.referrers.length < index.referrers.length)
    writeIndex(places, left)
  return [
    ...trees.map((hex) => join(places.trees, hex)),
    ...blobs.map((hex) => join(places.oci, 'blobs', 'sha256', hex)),
    ...[places.disks, places.downloads].flatMap((folder) => unused(folder, needed.disks)),
    ...unusedRuntimes(places, needed.images),
  ].map((path) => {
    const away = temporaryPath(places, 'doomed')
    renameSync(path, away)
    return away
  })
}

/** The time of a file that makeOnce has made is that of its last use. */
function unused(folder: string, needed: ReadonlySet<string>): string[] {
  return list(folder)
    .filter((name) => {
      const path = join(folder, name)
      if (name.endsWith('.lock')) return isStale(path)
      if (name.startsWith('base-')) return !needed.has(name)
      /* The rest of a snapshot's name is that of its image's disk (src/box/snapshot.ts). */
      const [, image] = /^snapshot-([0-9a-f]{64})-/.exec(name) ?? []
      if (image !== undefined && !needed.has(`base-${image}.ext4`)) return true
      if (image !== undefined) return Date.now() - statSync(path).mtimeMs > SNAPSHOT_FORGOTTEN_MS
      return Date.now() - statSync(path).mtimeMs > FORGOTTEN_MS
    })
    .map((name) => join(folder, name))
}

/** The programs of a tools image go with it; a box that runs has its own already (toolRuntime). */
function unusedRuntimes({ runtimes }: StorePlaces, images: ReadonlySet<string>): string[] {
  return list(runtimes)
    .filter((name) =>
      name.endsWith('.lock') ? isStale(join(runtimes, name)) : !images.has(name.slice(0, 64)),
    )
    .map((name) => join(runtimes, name))
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
  /** Digests in hex. */
  readonly images: ReadonlySet<string>
}

function reachable(places: StorePlaces, { manifests, referrers }: Index, used: readonly string[]): Reachable {
  const blobs = new Set<Digest>()
  const trees = new Set<string>()
  const disks = new Set<string>()
  const standing = (used as readonly Digest[]).filter((digest) => existsSync(blobPath(places, digest)))
  const images = [...manifests.map((one) => one.digest), ...standing]
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
  return { blobs, trees, disks, images: new Set(images.map(hexOf)) }
}
