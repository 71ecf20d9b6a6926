import type { Plan } from '../plan/types.ts'
import { ociBundle } from './bundle.ts'
import { type Engine, type ExecRequest, HOLDER, type RuntimeCommand } from './types.ts'

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

/** Linux namespaces, seccomp and no capability, under crun or runc: the kernel is the host's own. */
export const container: Engine = {
  name: 'container',
  summary: 'an OCI container (crun or runc): shares the kernel of the host behind a system-call filter',
  runtimes: ['crun', 'runc'],
  forbidsUserNamespaces: true,
  bundle: ociBundle,
  run(plan): RuntimeCommand {
    const words = ['run', ...started(plan.process.terminal, ''), '--bundle', HOLDER.bundle, HOLDER.container]
    return { argv: [...runtime(plan), ...words], detaches: true }
  },
  exec(plan, request: ExecRequest): RuntimeCommand {
    const words = [
      'exec',
      ...started(request.terminal, request.suffix),
      '--process',
      request.processFile,
      HOLDER.container,
    ]
    return { argv: [...runtime(plan), ...words], detaches: true }
  },
  limitations: () => [],
  diagnose(log) {
    if (/seccomp/i.test(log))
      return {
        message: 'The container runtime could not install the system-call filter.',
        remedy: 'Update crun or runc and libseccomp; glovebox doctor shows the versions.',
      }
    if (/No space left|ENOSPC/i.test(log))
      return {
        message: 'The box has no room for its first files.',
        remedy: 'Give it more with --disk, or free memory on the host.',
      }
    if (/cwd|chdir/i.test(log))
      return {
        message: 'The working folder does not exist in the image, or its user may not enter it.',
        remedy: 'Name another with --workdir.',
      }
    return undefined
  },
}
