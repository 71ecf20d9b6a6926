import { ENGINES } from '../../../engine/index.ts'
import type { Controller } from '../../../host/cgroup-facts.ts'
import { readCgroups } from '../../../host/cgroup-facts.ts'
import type { Subject } from '../../types.ts'

/** Why no box of the subject can be started with a bound that only a control group holds; `machine` where a machine's size holds it. */
export function cannotBound(subject: Subject, controller: Controller, machine: boolean): string | undefined {
  if (subject.kind === 'foreign')
    return 'its own bound is not known to the exam: see the same bomb without a bound'
  if (machine && ENGINES[subject.engine].machine !== undefined) return undefined
  const { v1, v2, systemd } = readCgroups(process.getuid?.() ?? 0)
  const found =
    v1[controller] !== undefined ||
    [v2, systemd].some((one) => one?.controllers.includes(controller) === true)
  return found
    ? undefined
    : `this machine offers you no control group for ${controller}, so Glovebox refuses to start with such a bound`
}
