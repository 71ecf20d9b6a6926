import type { Plan } from '../plan/types.ts'
import { ociBundle, ociProcess } from './bundle.ts'
import { gvisorLimitations } from './gvisor-limitations.ts'
import { gvisorFilter } from './gvisor-seccomp.ts'
import type { OciProcess } from './oci.ts'
import { type Engine, type ExecRequest, HOLDER, type RuntimeCommand } from './types.ts'

function runtime(plan: Plan): [string, ...string[]] {
  return [
    HOLDER.runtime,
    '--root',
    HOLDER.state,
    /* The holder is in the box's cgroup already. */
    '--ignore-cgroups',
    /* Its own network stack: with its loopback only, or with frames of the interface that leads to the gate. */
    plan.network === undefined ? '--network=none' : '--network=sandbox',
    `--platform=${plan.runtime.platform ?? 'ptrace'}`,
    /* By default it keeps the box's writes in a file of its own: they would be on no layer, so not kept, not bounded
     * with the others, and no diff would know them. */
    '--overlay2=none',
    /* With direct access to files, open(2) with O_TRUNC empties what is mounted read-only before it is refused (seen with
     * 2024-07: `cp /bin/true /run/glovebox/guest`). Behind the gofer, which has it read-only itself, it does not. */
    '--directfs=false',
    /* The bundle's filter, inside the sandbox, beside the one that gVisor puts on itself. */
    '--oci-seccomp',
    '--log',
    HOLDER.runtimeLog,
  ]
}

/** gVisor's mounts come from its own kernel: what is hidden on a host's /proc does not exist there. */
function bundle(plan: Plan): ReturnType<typeof ociBundle> {
  const common = ociBundle(plan)
  const userNamespaces = plan.policy.grants.includes('user-namespaces')
  /* Where an image's /tmp is empty, gVisor mounts one in its own memory, without a bound. */
  const temporary = {
    destination: '/tmp',
    type: 'bind',
    source: HOLDER.tmp,
    options: ['bind', 'rw', 'nosuid', 'nodev'],
  }
  return {
    ...common,
    process: plan.network === undefined ? common.process : withReceiveBuffers(common.process),
    mounts: [...common.mounts, temporary],
    linux: {
      ...common.linux,
      namespaces: [
        ...common.linux.namespaces,
        ...(plan.network === undefined ? [] : [{ type: 'network', path: '/proc/1/ns/net' }]),
      ],
      maskedPaths: [],
      readonlyPaths: [],
      seccomp: gvisorFilter(userNamespaces),
    },
  }
}

/** gVisor's own largest (net.ipv4.tcp_rmem). */
const RECEIVE_BUFFER_BYTES = 4 * 2 ** 20

/**
 * What the first process needs to become the box's user, and gives up with it; by CAP_DAC_READ_SEARCH it begins in a folder that may be
 * closed to root without it, such as one below a home of mode 0700. crun and runc enter it with all rights, too.
 */
const BECOMES = ['CAP_CHOWN', 'CAP_DAC_READ_SEARCH', 'CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP']

/** The first process mends the kernel's receive buffers (guest/receive.c) as root of that kernel, and only then becomes the box's user. */
function withReceiveBuffers(process: OciProcess): OciProcess {
  const [program = '', verb = '', ...words] = process.args
  const { uid, gid, additionalGids } = process.user
  const buffers = ['--receive-buffers', String(RECEIVE_BUFFER_BYTES)]
  if (uid === 0) return { ...process, args: [program, verb, ...buffers, ...words] }
  return {
    ...process,
    user: { ...process.user, uid: 0, gid: 0, additionalGids: [] },
    args: [program, verb, ...buffers, '--become', `${uid}:${[gid, ...additionalGids].join(',')}`, ...words],
    capabilities: { ...process.capabilities, bounding: BECOMES, effective: BECOMES, permitted: BECOMES },
  }
}

/** A kernel in user space between the application and the host's: few of the application's calls reach the latter. */
export const gvisor: Engine = {
  name: 'gvisor',
  summary: 'gVisor (runsc): a kernel in user space answers the application; the host kernel sees few calls',
  runtimes: ['runsc'],
  runtimeFromTools: true,
  forbidsUserNamespaces: false,
  cannot: ['resume'],
  bundle,
  process: (plan, process) => ociProcess(plan, process, 'exec'),
  run(plan): RuntimeCommand {
    const console = plan.process.terminal ? ['--console-socket', HOLDER.console] : []
    return {
      argv: [...runtime(plan), 'run', ...console, '--bundle', HOLDER.bundle, HOLDER.container],
      detaches: false,
      /* It takes a network namespace that has rmem_default for the host's own, and refuses it; since Linux 6.9 all have it. */
      covers: '/proc/sys/net/core',
      /* runsc's own record of the container (runsc/container/state_file.go). */
      startedWhen: {
        file: `${HOLDER.state}/${HOLDER.container}_sandbox:${HOLDER.container}.state`,
        text: '"status":"running"',
      },
    }
  },
  exec(plan, request: ExecRequest): RuntimeCommand {
    /* Only a detached `runsc exec` makes a terminal; the process whose id it writes ends as the command does
     * (execChildAndWait in runsc/cmd/exec.go). */
    const { terminal, suffix } = request
    const detached = [
      '--detach',
      '--pid-file',
      HOLDER.pidFile + suffix,
      '--console-socket',
      HOLDER.console + suffix,
    ]
    return {
      argv: [
        ...runtime(plan),
        'exec',
        ...(terminal ? detached : []),
        ...['--process', request.processFile, HOLDER.container],
      ],
      detaches: terminal,
    }
  },
  limitations: gvisorLimitations,
  diagnose(log) {
    if (/ptrace|systrap|platform/i.test(log))
      return {
        message: 'gVisor could not start its platform on this host.',
        remedy: 'Ask glovebox doctor which platforms work, or choose --engine container.',
      }
    return undefined
  },
}
