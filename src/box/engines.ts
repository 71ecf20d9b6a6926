import { cannotWords } from '../engine/acts.ts'
import { ENGINES } from '../engine/index.ts'
import type { Limitation } from '../engine/types.ts'
import { chooseIds, readIdSource } from '../host/ids.ts'
import { type HostPaths, openPaths } from '../host/paths.ts'
import { findRuntimes } from '../host/view.ts'
import type { EngineName, Plan } from '../plan/types.ts'

/** One isolation technology on this machine. */
export interface EngineStatus {
  readonly name: EngineName
  readonly summary: string
  /** What it cannot do with a box, in words. */
  readonly cannot: readonly string[]
  /** What would carry it here. */
  readonly runtime: Pick<Plan['runtime'], 'name' | 'path' | 'version' | 'platform'> | undefined
  /** Why it does not work, and what to do; absent where it works. */
  readonly missing?: { readonly reason: string; readonly remedy: string }
  /** What programs in a box may miss with this runtime. */
  readonly limitations: readonly Limitation[]
}

/** Looks at every engine; a runtime that was never tried is tried now. */
export function engineStatus(paths: HostPaths): EngineStatus[] {
  openPaths(paths)
  const runtimes = findRuntimes(paths, chooseIds(readIdSource()))
  return Object.values(ENGINES).map((engine) => {
    const { name, summary, runtimes: wanted } = engine
    const cannot = cannotWords(engine)
    const found = wanted.find((runtime) => runtimes[runtime] !== undefined)
    const runtime = found === undefined ? undefined : runtimes[found]
    if (found === undefined || runtime === undefined)
      return { name, summary, cannot, runtime: undefined, missing: notInstalled(wanted), limitations: [] }
    const status = {
      ...{ name, summary, cannot, runtime: { name: found, ...runtime } },
      limitations: engine.limitations(runtime.version),
    }
    return found === 'runsc' && runtime.platform === undefined ? { ...status, missing: NO_PLATFORM } : status
  })
}

const NO_PLATFORM = {
  reason: 'runsc is installed, but none of its platforms was seen to work here',
  remedy: 'glovebox doctor',
}

function notInstalled(runtimes: readonly string[]): { readonly reason: string; readonly remedy: string } {
  return {
    reason: `${runtimes.join(' and ')} are not installed`.replace(/^(\S+) are/, '$1 is'),
    remedy: 'glovebox setup',
  }
}
