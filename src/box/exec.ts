import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ENGINES } from '../engine/index.ts'
import type { OciProcess } from '../engine/oci.ts'
import { GloveboxError } from '../errors.ts'
import { scopeWords } from '../host/cgroups.ts'
import { isAlive } from '../host/process-identity.ts'
import { randomHex } from '../host/random.ts'
import type { ProcessPlan } from '../plan/types.ts'
import { type BoxRecord, readSupervisor } from './state.ts'

export interface ExecMode {
  /** Descriptor on which the supervisor reports, in the supervisor. */
  readonly statusFd?: number
  readonly dieWithParent: boolean
}

/**
 * The whole command that runs one more command in a running box, within the same bounds: it joins the box's cgroups. A
 * systemd scope cannot be joined (systemd.scope(5)), so there it gets one with the same bounds.
 *
 * What it runs is in a file: arguments and environment may hold secrets, so they travel in a file of the user's alone,
 * which the holder removes at once.
 *
 * @throws GloveboxError BOX_NOT_RUNNING
 */
export function execCommand(
  holder: string,
  dir: string,
  record: BoxRecord,
  process: ProcessPlan,
  options: ExecMode,
): [string, ...string[]] {
  const { plan } = record
  return joinCommand(holder, dir, record, ENGINES[plan.engine].process(plan, process), options)
}

/**
 * The same of a process document that the engine has written already.
 *
 * @throws GloveboxError BOX_NOT_RUNNING
 */
export function joinCommand(
  holder: string,
  dir: string,
  record: BoxRecord,
  process: OciProcess,
  options: ExecMode,
): [string, ...string[]] {
  const supervisor = readSupervisor(dir)
  const { plan } = record
  if (supervisor === undefined || !isAlive(supervisor.holder))
    throw new GloveboxError({
      code: 'BOX_NOT_RUNNING',
      audience: 'usage',
      message: `Cannot run a command in box ${plan.box.name ?? plan.box.id}: it is not running.`,
      remedy:
        plan.box.name === undefined
          ? 'See what runs with: glovebox ps'
          : `Start it with: glovebox run --keep ${plan.box.name} -- COMMAND`,
    })
  const suffix = `-${randomHex(6)}`
  const file = join(dir, `exec${suffix}.json`)
  writeFileSync(file, JSON.stringify(process), {
    mode: 0o600,
    flag: 'wx',
  })
  const inside = `/box/run/exec${suffix}.json`
  const command = ENGINES[plan.engine].exec(plan, { processFile: inside, terminal: process.terminal, suffix })
  const words = [
    'join',
    ...['--target', String(supervisor.holder.pid), supervisor.holder.startTime, suffix],
    ...['--copy', file, inside],
    ...['--stdio', process.terminal ? 'tty' : 'relay'],
    ...(command.detaches ? ['--detach-runtime'] : []),
    ...(options.statusFd === undefined ? [] : ['--status-fd', String(options.statusFd)]),
    ...['--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ...record.cgroups.flatMap((cgroup) => ['--cgroup', cgroup]),
    ...['--cleanup', file],
    ...(options.dieWithParent ? ['--die-with-parent'] : []),
    '--',
    ...command.argv,
  ]
  const [first, ...rest] = scopeWords(plan.box.id + suffix, plan.policy.limits, plan.enforcement)
  return first === undefined ? [holder, ...words] : [first, ...rest, holder, ...words]
}
