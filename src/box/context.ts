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
  resolverPath,
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
  /** @throws GloveboxError PROGRAMS_MISSING, where the next three are not there; to be called before they are run */
  readonly checkPrograms: () => void
  /** The compiled programs. */
  readonly holder: string
  readonly guest: string
  readonly resolver: string
  /** The library by which this process becomes the holder. */
  readonly handover: string
  readonly runJob: RunJob
  /** Node and the script that explains a failed start, where this is a built package. */
  readonly explain: readonly [string, string] | undefined
}

/**
 * Opens the user's folders. What looks at boxes, images and plans only needs nothing else, so the compiled programs and
 * the subordinate ids are asked for when they are used.
 *
 * @throws GloveboxError what the folders say; later on PROGRAMS_MISSING, SUBORDINATE_IDS_MISSING
 */
export function openContext(paths: HostPaths = currentPaths()): BoxContext {
  openPaths(paths)
  const holder = holderPath(paths)
  const run = jobRunner(holder)
  let ids: IdMaps | undefined
  const chosen = (): IdMaps => {
    ids ??= chooseIds(readIdSource())
    return ids
  }
  const script = `${packageRoot()}/dist/explain.cjs`
  return {
    paths,
    store: storePlaces(paths.store),
    get ids() {
      return chosen()
    },
    viewOf: (asked) => ({
      ids: chosen(),
      ...hostView(paths, chosen(), asked),
      openFilesMost: openFilesMost(),
    }),
    holder,
    guest: guestPath(paths),
    resolver: resolverPath(paths),
    handover: handoverPath(paths),
    checkPrograms: () => checkPrograms(paths),
    runJob: (...job) => {
      checkPrograms(paths)
      return run(...job)
    },
    explain: existsSync(script) ? [process.execPath, script] : undefined,
  }
}

function checkPrograms(paths: HostPaths): void {
  if (areCompiled(paths)) return
  throw new GloveboxError({
    code: 'PROGRAMS_MISSING',
    audience: 'host',
    message: "Cannot start a box: Glovebox's own programs are not compiled for you yet.",
    remedy: 'Compile them with: glovebox setup',
  })
}
