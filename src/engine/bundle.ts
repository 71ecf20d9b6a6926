import type { Plan, ProcessPlan } from '../plan/types.ts'
import type { OciBundle, OciMount, OciProcess } from './oci.ts'
import { seccompFilter } from './seccomp.ts'
import { HOLDER } from './types.ts'

/** A folder of its own is mounted: below a mere mount of the file, the box's root could rename the folder and put another there. */
const PROGRAMS_IN_BOX = '/run/glovebox'
/** Where the static guest program is seen inside every box. */
export const GUEST_IN_BOX = `${PROGRAMS_IN_BOX}/guest`

const SHM_BYTES = 512 * 2 ** 20
/** Pseudo-terminals: the machine has 3072 for all boxes together (kernel.pty.max), and a box was given all of them. */
const MOST_TERMINALS = 512
const RUN_BYTES = 16 * 2 ** 20

/**
 * /proc files that tell of the machine or reach it. The first lines are Docker's and podman's defaults; then what
 * only fingerprints the host: its command line, its disks, its interrupts and its modules.
 */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/key-users',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/kallsyms',
  '/proc/cmdline',
  '/proc/bootconfig',
  '/proc/config.gz',
  '/proc/diskstats',
  '/proc/partitions',
  '/proc/interrupts',
  '/proc/softirqs',
  '/proc/iomem',
  '/proc/ioports',
  '/proc/modules',
  '/proc/kmsg',
  '/proc/kpagecount',
  '/proc/kpageflags',
  '/proc/slabinfo',
  '/proc/vmallocinfo',
  '/proc/zoneinfo',
  '/proc/buddyinfo',
  '/proc/swaps',
  '/proc/pressure',
]
const READONLY_PATHS = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
  '/proc/driver',
  '/proc/mtrr',
  '/proc/tty',
]

const none: OciProcess['capabilities'] = {
  bounding: [],
  effective: [],
  inheritable: [],
  permitted: [],
  ambient: [],
}

function tmpfs(destination: string, sizeBytes: number, mode: string, more: readonly string[] = []): OciMount {
  /* An empty file is a kilobyte of the kernel's memory, and counts for no byte of the size; by default there may be millions. */
  const inodes = Math.ceil(sizeBytes / 2048) + 256
  const options = ['nosuid', 'nodev', `mode=${mode}`, `size=${sizeBytes}`, `nr_inodes=${inodes}`, ...more]
  return { destination, type: 'tmpfs', source: 'tmpfs', options }
}

function bind(source: string, destination: string, writable: boolean): OciMount {
  return { destination, type: 'bind', source, options: ['bind', writable ? 'rw' : 'ro', 'nosuid', 'nodev'] }
}

function mounts(plan: Plan): OciMount[] {
  const { user } = plan.process
  const list: OciMount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    tmpfs('/dev', 2 ** 20, '755', ['noexec', 'strictatime']),
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', `max=${MOST_TERMINALS}`],
    },
    tmpfs('/dev/shm', SHM_BYTES, '1777', ['noexec']),
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    /* No sysfs: it lists the machine's devices and firmware, and nothing that runs here needs it. */
    tmpfs('/sys', 4096, '555', ['noexec', 'ro']),
    tmpfs('/run', RUN_BYTES, '755'),
    tmpfs(`/run/user/${user.uid}`, RUN_BYTES, '700', [`uid=${user.uid}`, `gid=${user.gid}`]),
    bind(HOLDER.programs, PROGRAMS_IN_BOX, false),
    ...['hostname', 'hosts', 'resolv.conf', 'machine-id'].map((name) =>
      bind(`${HOLDER.etc}/${name}`, `/etc/${name}`, false),
    ),
  ]
  if (plan.storage.home !== undefined) list.push(bind(HOLDER.home, plan.storage.home.target, true))
  return list
}

function rlimits(plan: Plan): OciProcess['rlimits'] {
  const { processes, openFiles } = plan.policy.limits
  const list = [{ type: 'RLIMIT_CORE', hard: 0, soft: 0 }]
  if (openFiles !== undefined) list.push({ type: 'RLIMIT_NOFILE', hard: openFiles, soft: openFiles })
  /* Counted for each user namespace since Linux 5.14, so it bounds this box and no other (user_namespaces(7)). */
  if (processes !== undefined && plan.enforcement.processes === 'rlimit')
    list.push({ type: 'RLIMIT_NPROC', hard: processes, soft: processes })
  return list
}

/** The process document of a command in the box; `init` makes it the box's first process. */
export function ociProcess(plan: Plan, process: ProcessPlan, verb: 'init' | 'exec'): OciProcess {
  const landlock = plan.policy.grants.includes('user-namespaces') ? ['--landlock=off'] : []
  return {
    terminal: process.terminal,
    user: { uid: process.user.uid, gid: process.user.gid, additionalGids: process.user.groups, umask: 0o022 },
    args: [GUEST_IN_BOX, verb, ...landlock, '--', ...process.args],
    env: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
    cwd: process.cwd,
    capabilities: none,
    rlimits: rlimits(plan),
    noNewPrivileges: true,
  }
}

/**
 * The bundle that every technology starts from: an OCI runtime's box as a container; the VMM's jail as a VM.
 *
 * The network namespace is the holder's, and so is the cgroup: both are set up outside of it.
 */
export function ociBundle(plan: Plan): OciBundle {
  return {
    ociVersion: '1.0.2',
    process: ociProcess(plan, plan.process, 'init'),
    root: { path: HOLDER.rootfs, readonly: false },
    hostname: plan.box.hostname,
    mounts: mounts(plan),
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
      seccomp: seccompFilter(plan.policy.grants.includes('user-namespaces')),
      resources: { devices: [{ allow: false, access: 'rwm' }] },
    },
  }
}
