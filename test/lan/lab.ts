import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseIds, readIdSource } from '../../src/host/ids.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { resolverPath } from '../../src/host/view.ts'
import { labProgram } from '../../src/lab/program.ts'
import { type Lab, startLab } from '../../src/lab/start.ts'

/** The test LAN, for the user who tests. */
export function openLab({ witness = false } = {}): Promise<Lab> {
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
