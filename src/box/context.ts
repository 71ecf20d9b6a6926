import { existsSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { packageRoot } from '../host/build-info.ts'
import { jobRunner, type RunJob } from '../host/holder.ts'
import { chooseIds, readIdSource } from '../host/ids.ts'
import { currentPaths, type HostPaths, openPaths } from '../host/paths.ts'
import { openFilesMost } from '../host/rlimits.ts'
import type { IdMaps } from '../host/types.ts'
import {
  areCompiled,
  guestPath,
  handoverPath,
  holderPath,
  hostView,
  type ViewQuestion,
} from '../host/view.ts'
import { type StorePlaces, storePlaces } from '../image/layout.ts'
import type { HostView } from '../plan/types.ts'

/** What every act on boxes works with; made once, by a few small reads. */
export interface BoxContext {
  readonly paths: HostPaths
  readonly store: StorePlaces
  readonly ids: IdMaps
  /** Looks at the host for a start. */
  readonly viewOf: (asked: ViewQuestion) => HostView
  /** The compiled programs. */
  readonly holder: string
  readonly guest: string
  /** The library by which this process becomes the holder. */
  readonly handover: string
  readonly runJob: RunJob
  /** Node and the script that explains a failed start, where this is a built package. */
  readonly explain: readonly [string, string] | undefined
}

/**
 * Opens the user's folders and finds the compiled programs.
 *
 * @throws GloveboxError PROGRAMS_MISSING, SUBORDINATE_IDS_MISSING, and what the folders say
 */
export function openContext(paths: HostPaths = currentPaths()): BoxContext {
  openPaths(paths)
  const holder = holderPath(paths)
  if (!areCompiled(paths))
    throw new GloveboxError({
      code: 'PROGRAMS_MISSING',
      audience: 'host',
      message: "Cannot start a box: Glovebox's own two programs are not compiled for you yet.",
      remedy: 'Compile them with: glovebox setup',
    })
  const ids = chooseIds(readIdSource())
  const script = `${packageRoot()}/dist/explain.cjs`
  return {
    paths,
    store: storePlaces(paths.store),
    ids,
    viewOf: (asked) => ({ ids, ...hostView(paths, ids, asked), openFilesMost: openFilesMost() }),
    holder,
    guest: guestPath(paths),
    handover: handoverPath(paths),
    runJob: jobRunner(holder),
    explain: existsSync(script) ? [process.execPath, script] : undefined,
  }
}
