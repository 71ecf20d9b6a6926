import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { openContext } from '../../src/box/context.ts'
import { currentPaths, type HostPaths } from '../../src/host/paths.ts'
import { blobPath, hexOf, readDocument, readIndex, storePlaces, writeIndex } from '../../src/image/layout.ts'
import { withIndexLock } from '../../src/image/lock.ts'
import { parseConfig, parseManifest } from '../../src/image/manifest.ts'
import { treeFolder } from '../../src/image/resolve.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import { readyGlovebox } from './base-box.ts'

/**
 * Gives a store of a test the tools image of the user who tests, by links: building or copying it takes half a minute
 * and a gigabyte.
 */
export async function shareTools(paths: HostPaths): Promise<void> {
  await readyGlovebox()
  const own = openContext(currentPaths())
  const tools = await ensureTools({ ...own, places: own.store, limits: ARCHIVE_LIMITS })
  const places = storePlaces(paths.store)
  const manifest = parseManifest(readDocument(own.store, tools.digest))
  const { diffIds } = parseConfig(readDocument(own.store, manifest.config.digest))
  const link = (target: string, path: string): void => {
    if (!existsSync(path)) symlinkSync(target, path)
  }
  mkdirSync(places.trees, { recursive: true })
  for (const digest of [tools.digest, manifest.config.digest, ...manifest.layers.map((one) => one.digest)])
    link(blobPath(own.store, digest), blobPath(places, digest))
  for (const diffId of diffIds) link(treeFolder(own.store, diffId), treeFolder(places, diffId))
  const listed = readIndex(own.store).manifests.find((one) => hexOf(one.digest) === hexOf(tools.digest))
  if (listed === undefined) throw new Error('the tools image is in no index')
  await withIndexLock(places, () => {
    const index = readIndex(places)
    const others = index.manifests.filter((one) => one.digest !== tools.digest)
    writeIndex(places, { ...index, manifests: [...others, listed] })
  })
  copyFileSync(join(own.store.root, 'tools.json'), join(places.root, 'tools.json'))
  if (!readFileSync(join(places.root, 'tools.json'), 'utf8').includes(tools.digest))
    throw new Error('the tools image was built anew meanwhile')
}
