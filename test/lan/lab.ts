import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openContext } from '../../src/box/context.ts'
import { chooseIds, readIdSource } from '../../src/host/ids.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { resolverPath } from '../../src/host/view.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import { labProgram } from '../../src/lab/program.ts'
import { type Lab, startLab } from '../../src/lab/start.ts'

/** The test LAN, for the user who tests. */
export async function openLab({ witness = false } = {}): Promise<Lab> {
  // Nobody in the lab can fetch it.
  const context = openContext()
  await ensureTools({ ...context, places: context.store, limits: ARCHIVE_LIMITS })
  const ids = process.getuid?.() === 0 ? {} : { ids: chooseIds(readIdSource()) }
  return startLab({
    self: labProgram(),
    ...ids,
    ...(witness ? { witness: resolverPath(currentPaths()) } : {}),
  })
}

export function scratchFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'glovebox-lan-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
