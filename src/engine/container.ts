import { ociBundle, ociProcess } from './bundle.ts'
import { execDetached, runDetached } from './detached.ts'
import type { Engine } from './types.ts'

/** Linux namespaces, seccomp and no capability, under crun or runc: the kernel is the host's own. */
export const container: Engine = {
  name: 'container',
  summary: 'an OCI container (crun or runc): shares the kernel of the host behind a system-call filter',
  runtimes: ['crun', 'runc'],
  forbidsUserNamespaces: true,
  cannot: ['resume'],
  bundle: ociBundle,
  process: (plan, process) => ociProcess(plan, process, 'exec'),
  run: runDetached,
  exec: execDetached,
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
