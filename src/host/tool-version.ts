import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseVersion } from './tools.ts'
import { tryProgram } from './trials.ts'

/**
 * The version that a program tells of itself. crun 1.21 (Debian 13) tells none before it has made a folder for its
 * state, for which it takes XDG_RUNTIME_DIR alone: it gets one that is gone afterwards.
 */
export function askVersion(program: string): string | undefined {
  const folder = scratchFolder()
  try {
    const env = folder === undefined ? {} : { XDG_RUNTIME_DIR: folder }
    return parseVersion(tryProgram([program, '--version'], env).words)
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** None where there is no room for it: most programs tell their version without. */
function scratchFolder(): string | undefined {
  try {
    return mkdtempSync(join(tmpdir(), 'glovebox-version-'))
  } catch {
    return undefined
  }
}
