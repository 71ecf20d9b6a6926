import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'

// Builds dist/: the bundles and the types of the SDK. The new folder takes the old one's place at the end, so that a
// killed build leaves what was there, and what is no longer built does not stay.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const unfinished = join(root, `build/dist.${process.pid}`)
const replaced = `${unfinished}.replaced`

function buildTypes(): void {
  if (!existsSync(join(root, 'src/sdk.ts'))) return
  const words = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json']
  const { status } = spawnSync(process.execPath, [...words, '--outDir', join(unfinished, 'types')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error('Cannot build the types: tsc refused the sources (see above).')
}

try {
  await bundle(root, unfinished)
  buildTypes()
  if (existsSync(dist)) renameSync(dist, replaced)
  renameSync(unfinished, dist)
} catch (error) {
  process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  rmSync(unfinished, { recursive: true, force: true })
  rmSync(replaced, { recursive: true, force: true })
}
