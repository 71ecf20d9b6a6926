import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openContext } from '../../src/box/context.ts'
import { choosePaths, currentPaths, type HostPaths } from '../../src/host/paths.ts'
import { initStore } from '../../src/image/layout.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { discardTree, type ImageContext } from '../../src/image/unpack.ts'
import { Glovebox } from '../../src/sdk.ts'
import { LAUNCHER } from './base-box.ts'

/** An image store of one test file, empty at first and gone at its end. */
export interface ScratchStore extends AsyncDisposable {
  readonly glovebox: Glovebox
  readonly context: ImageContext
  readonly paths: HostPaths
  /** A folder for the test's own files. */
  readonly folder: string
  /** Makes the command line work on the same store. */
  readonly env: Record<string, string>
}

/** On the disk of the user's home: trees need the extended attributes that not every /tmp has. */
export function scratchStore(): ScratchStore {
  const setup = spawnSync(LAUNCHER, ['setup', '--yes'], { encoding: 'utf8' })
  if (setup.status !== 0) throw new Error(`glovebox setup failed: ${setup.stderr}`)
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'glovebox-tests')
  mkdirSync(cache, { recursive: true })
  const root = mkdtempSync(join(cache, 'store-'))
  const folder = join(root, 'files')
  mkdirSync(folder)
  const env = Object.fromEntries(
    ['DATA', 'STATE', 'CACHE'].map((name) => [`XDG_${name}_HOME`, join(root, name.toLowerCase())]),
  )
  for (const path of Object.values(env)) mkdirSync(path)
  const own = choosePaths({ env, uid: process.getuid?.() ?? 0, ownerOf: () => undefined })
  const paths = { ...own, programs: currentPaths().programs }
  const { store, ids, runJob } = openContext(paths)
  initStore(store)
  const context = { places: store, ids, runJob, limits: ARCHIVE_LIMITS }
  const remove = async (): Promise<void> => {
    for (const part of [store.trees, store.temporary])
      if (existsSync(part)) for (const name of readdirSync(part)) await discardTree(context, join(part, name))
    rmSync(root, { recursive: true })
  }
  return { glovebox: new Glovebox({ paths }), context, paths, folder, env, [Symbol.asyncDispose]: remove }
}
