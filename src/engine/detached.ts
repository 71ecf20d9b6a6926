import type { Plan } from '../plan/types.ts'
import { devicesOf } from './devices.ts'
import { type ExecRequest, HOLDER, type RuntimeCommand } from './types.ts'

/** The words that crun(1) and runc(8) share, and where each is told to leave the cgroup alone: the holder is in it. */
function runtime(plan: Plan): [string, ...string[]] {
  const { path, name } = plan.runtime
  return name === 'crun'
    ? [path, '--cgroup-manager=disabled', '--root', HOLDER.state, '--log', `file:${HOLDER.runtimeLog}`]
    : [path, '--root', HOLDER.state, '--log', HOLDER.runtimeLog]
}

function started(terminal: boolean, suffix: string): string[] {
  const console = terminal ? ['--console-socket', HOLDER.console + suffix] : []
  return ['--detach', '--pid-file', HOLDER.pidFile + suffix, ...console]
}

/** Starts the bundle with crun or runc, which leave once it runs. */
export function runDetached(plan: Plan): RuntimeCommand {
  /* From descriptor 3 on: crun(1) and runc-run(8), --preserve-fds. */
  const devices = devicesOf(plan).length
  const words = [
    'run',
    ...(devices > 0 ? ['--preserve-fds', String(devices)] : []),
    ...started(plan.process.terminal, ''),
    '--bundle',
    HOLDER.bundle,
    HOLDER.container,
  ]
  return { argv: [...runtime(plan), ...words], detaches: true }
}

/** Starts a further process in what {@link runDetached} has started. */
export function execDetached(plan: Plan, request: ExecRequest): RuntimeCommand {
  const words = ['exec', ...started(request.terminal, request.suffix), '--process', request.processFile]
  return { argv: [...runtime(plan), ...words, HOLDER.container], detaches: true }
}
