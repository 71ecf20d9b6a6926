import { engineSubject } from '../exam/subject.ts'
import type { EngineSubject } from '../exam/types.ts'
import type { EngineName } from '../plan/types.ts'
import { policyFromFlags } from '../policy/flags.ts'

/** As a user would bound a box that may misbehave: less than the bombs of memory and processes ask for. */
const MEMORY = '256M'
const PROCESSES = '256'
/** Where this machine cannot hold one for this user, the box starts without it, and the bomb's own bound is left. */
const WAIVED = ['memory', 'processes'] as const

/** The subject of an engine where the user has said nothing of a policy: boxes with limits. */
export function limitedSubject(
  engine: EngineName,
  image: string,
  glovebox: readonly string[],
): EngineSubject {
  const policy = policyFromFlags({ memory: MEMORY, processes: PROCESSES, allowUnenforced: WAIVED })
  const policyOptions = [
    ...['--memory', MEMORY, '--processes', PROCESSES],
    ...WAIVED.flatMap((name) => ['--allow-unenforced', name]),
  ]
  return engineSubject({ engine, image, policy, policyOptions, glovebox })
}
