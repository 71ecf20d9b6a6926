import { rmSync } from 'node:fs'
import { openContext } from '../box/context.ts'
import { ready } from '../box/ready.ts'
import { removeBox } from '../box/remove.ts'
import { planBox, readyBox } from '../box/start.ts'
import type { OciBundle } from '../engine/oci.ts'
import type { Engine, RuntimeCommand } from '../engine/types.ts'
import type { BoxRequest, Plan } from '../plan/types.ts'
import { Session } from './session.ts'
import type { EngineSubject } from './types.ts'

/** Milliseconds for a machine to boot; emulated, and with two cores that others use, it takes tens of seconds. */
const START_MS = 120_000

/** What runs in the place of what a box would run; all else is the box of a user, by its very plan. */
export interface Alteration {
  readonly bundle?: (own: OciBundle, plan: Plan) => OciBundle
  readonly run?: (own: RuntimeCommand, plan: Plan) => RuntimeCommand
  /** A folder of the host that is seen in the box under its own name: a hole, for a control. */
  readonly folder?: string
}

/** Where the holder has {@link Alteration.folder}. */
const LEAK = '/box/machine/leak'

/**
 * Starts a box of the subject with its bundle altered, and speaks to the probe program that runs there.
 *
 * @throws SessionLost where it does not come up; GloveboxError what a start of a box refuses
 */
export async function openAltered(
  subject: EngineSubject,
  alteration: Alteration,
  signal: AbortSignal,
): Promise<Session> {
  const context = openContext()
  context.checkPrograms()
  const { engine, image, policy } = subject
  const request: BoxRequest = { engine, image, policy, command: ['true'], terminal: false }
  const planned = planBox(context, request, await ready(context, request))
  const box = { ...planned, engine: altered(planned.engine, alteration) }
  const started = readyBox(context, box, {
    ...{ logged: false, dieWithParent: true, explained: false, detached: false },
  })
  const [holder, ...words] = started.command
  const at = words.indexOf('run') + 1
  const leak = alteration.folder === undefined ? [] : ['--ro', alteration.folder, LEAK]
  const argv = [holder, ...words.slice(0, at), ...leak, ...words.slice(at)] as [string, ...string[]]
  try {
    return await Session.start({ argv, startMs: START_MS, signal })
  } catch (error) {
    /* What did not come up is tidied away here, as nobody else knows of it. */
    await removeBox(context.paths.boxes, planned.stateDir, context.runJob, planned.plan.ids).catch(() =>
      rmSync(planned.stateDir, { recursive: true, force: true }),
    )
    throw error
  }
}

function altered(engine: Engine, { bundle = (own) => own, run, folder }: Alteration): Engine {
  const leaking = (own: OciBundle): OciBundle =>
    folder === undefined
      ? own
      : {
          ...own,
          mounts: [
            ...own.mounts,
            { destination: folder, type: 'bind', source: LEAK, options: ['bind', 'ro'] },
          ],
        }
  return {
    ...engine,
    bundle: (plan) => leaking(bundle(engine.bundle(plan), plan)),
    run: (plan) => (run === undefined ? engine.run(plan) : run(engine.run(plan), plan)),
  }
}
