import { GloveboxError } from '../errors.ts'
import { LINK, LINK_MTU } from '../plan/link.ts'
import type { GuestFiles, MachinePlan, Plan, ProcessPlan, SnapshotPlan } from '../plan/types.ts'
import { GUEST_IN_BOX, ociBundle, ociProcess } from './bundle.ts'
import { deviceWords } from './devices.ts'
import type { OciBundle, OciMount, OciProcess } from './oci.ts'
import { HOLDER } from './types.ts'

/** Where the parts of the machine are seen in its jail. */
export const IN_JAIL = {
  imageDisk: '/machine/image',
  emptyDisk: '/machine/empty',
  initramfs: '/machine/initramfs',
  /** With the files memory, state and disk; guest/qmp.c and guest/monitor.h have the same names. */
  snapshot: '/machine/snapshot',
  write: '/machine/write',
  ownDisk: '/machine/write/disk',
  homeDisk: '/machine/home',
  /** The disk of another box, which is only read. */
  readDisk: '/machine/read',
  /** The monitor's end of the guest's port; guest/monitor.h has the same names. */
  channel: '/tmp/channel',
  /** QEMU connects to it, and never listens. */
  control: '/tmp/qmp',
} as const

/** Names of the parts in the holder's root. */
export const IN_HOLDER = {
  imageDisk: `${HOLDER.machine}/image`,
  emptyDisk: `${HOLDER.machine}/empty`,
  initramfs: `${HOLDER.machine}/initramfs`,
  snapshot: `${HOLDER.machine}/snapshot`,
  homeDisk: `${HOLDER.machine}/home`,
  readDisk: `${HOLDER.machine}/read`,
} as const

/** Where a kept machine's disk lies in the folder of its writes: {@link IN_JAIL.ownDisk} is bound from there. */
export const DISK_IN_WRITES = 'tmp/disk'

/** The monitor of a machine is nobody: none of the ids that own the image, and none of the user's. */
const JAIL_USER = 65534
const JAIL_TMP = ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=4194304']
/** Beside the guest's memory, which lies in the jail's shared memory. */
const SHM_SLACK_BYTES = 64 * 2 ** 20
/** A guest's processes are processes of the jail with User-Mode Linux; these are what a machine has beside them. */
const JAIL_PROCESSES = 512
const UNBOUNDED_PROCESSES = 32_768
const GUEST_SHM_BYTES = 512 * 2 ** 20
/** An emulated machine boots in seconds, on a busy host in tens of them; what has not by then hangs. */
const BOOT_SECONDS = 180

/** The machine of a plan whose engine is one. */
export function machineOf(plan: Plan): MachinePlan {
  if (plan.machine !== undefined) return plan.machine
  throw new GloveboxError({
    code: 'MACHINE_NOT_PLANNED',
    audience: 'internal',
    message: `The plan of engine ${plan.engine} has no machine.`,
    remedy: 'Report this: it is a mistake of Glovebox.',
  })
}

function bind(source: string, destination: string, writable: boolean): OciMount {
  const options = ['bind', writable ? 'rw' : 'ro', 'nosuid', 'nodev', 'noexec']
  return { destination, type: 'bind', source, options }
}

/** Commands inside the guest: their ids and limits, as guest/monitor_options.c reads them. */
function commandWords(plan: Plan, process: ProcessPlan): string[] {
  const { uid, gid, groups } = process.user
  const { processes, openFiles } = plan.policy.limits
  return [
    ...(process.terminal ? ['--terminal'] : []),
    ...['--user', [uid, gid, ...groups].join(':')],
    ...['--folder', process.cwd],
    ...(processes === undefined ? [] : ['--processes', String(processes)]),
    ...(openFiles === undefined ? [] : ['--open-files', String(openFiles)]),
  ]
}

/** A process of the jail that stands for one of the guest: it has its environment and its streams, not its rights. */
function jailProcess(plan: Plan, process: ProcessPlan, args: string[]): OciProcess {
  const most = (plan.policy.limits.processes ?? UNBOUNDED_PROCESSES) + JAIL_PROCESSES
  return {
    ...ociProcess(plan, process, 'exec'),
    user: { uid: JAIL_USER, gid: JAIL_USER, additionalGids: [], umask: 0o022 },
    args: [GUEST_IN_BOX, ...args],
    cwd: '/',
    rlimits: [
      { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
      { type: 'RLIMIT_NPROC', hard: most, soft: most },
    ],
  }
}

/** A further command in the guest. */
export function attachProcess(plan: Plan, process: ProcessPlan): OciProcess {
  return jailProcess(plan, process, ['attach', ...commandWords(plan, process), '--', ...process.args])
}

/** Reads files of a running guest out, by the server in it: no command of the box. */
export function attachReader(plan: Plan, what: GuestFiles): OciProcess {
  return jailProcess(plan, plan.process, ['attach', '--read', what, '--', 'read'])
}

/**
 * The jail of a virtual machine: the bundle of a container, with the tools image for a root, the parts of the machine
 * and no file of the box's image. Whoever breaks out of the guest lands here, as nobody.
 *
 * @param monitorWords how the monitor meets the machine (guest/monitor.c)
 * @param command the virtual machine monitor and its arguments
 */
export function machineBundle(
  plan: Plan,
  monitorWords: readonly string[],
  command: readonly string[],
): OciBundle {
  const common = ociBundle({ ...plan, storage: { ...plan.storage, home: undefined } })
  const { memoryBytes, snapshot, homeDisk, reading } = machineOf(plan)
  const mounts = common.mounts
    .filter((mount) => !mount.destination.startsWith('/run/user/'))
    .map((mount) => (mount.destination === '/dev/shm' ? guestMemory(memoryBytes) : mount))
  const parts = [
    /* The monitor's sockets; not on the layer of the jail's writes, which a kept box keeps. */
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: JAIL_TMP },
    bind(IN_HOLDER.imageDisk, IN_JAIL.imageDisk, false),
    bind(IN_HOLDER.emptyDisk, IN_JAIL.emptyDisk, false),
    bind(IN_HOLDER.initramfs, IN_JAIL.initramfs, false),
    bind(HOLDER.tmp, IN_JAIL.write, true),
    ...(snapshot === undefined ? [] : [bind(IN_HOLDER.snapshot, IN_JAIL.snapshot, snapshot.act === 'save')]),
    ...(homeDisk === undefined ? [] : [bind(IN_HOLDER.homeDisk, IN_JAIL.homeDisk, true)]),
    ...(reading === undefined ? [] : [bind(IN_HOLDER.readDisk, IN_JAIL.readDisk, false)]),
  ]
  const monitor = [
    'monitor',
    ...deviceWords(plan),
    ...monitorWords,
    ...(reading === undefined
      ? ['--empty-disk', firstDisk(snapshot), '--own-disk', IN_JAIL.ownDisk]
      : ['--read', reading.what]),
    ...['--boot-seconds', String(BOOT_SECONDS)],
    ...['--shared-bytes', String(Math.min(GUEST_SHM_BYTES, memoryBytes / 2))],
    ...(plan.network === undefined ? [] : ['--network', guestNetwork()]),
    ...(plan.storage.upper.kind === 'disk' || homeDisk !== undefined ? ['--kept'] : []),
    ...(homeDisk === undefined ? [] : homeWords(plan)),
    ...(snapshot === undefined ? [] : [`--${snapshot.act}`]),
    ...commandWords(plan, plan.process),
  ]
  return {
    ...common,
    process: jailProcess(plan, plan.process, [...monitor, '--', ...plan.process.args, '---', ...command]),
    mounts: [...mounts, ...parts],
  }
}

/** As guest/network.c reads it. */
function guestNetwork(): string {
  const { box, gate } = LINK
  const four = [box.address4, box.bits4, gate.address4]
  return [...four, box.address6, box.bits6, gate.address6, LINK_MTU].join(' ')
}

/** Where the kept home folder is in the guest, and its disk in the jail. */
function homeWords({ storage }: Plan): string[] {
  return ['--home', storage.home?.target ?? '', '--home-disk', IN_JAIL.homeDisk]
}

/** What the box's own disk is a copy of at first: a machine that goes on has its disk mounted already. */
function firstDisk(snapshot: SnapshotPlan | undefined): string {
  return snapshot?.act === 'resume' ? `${IN_JAIL.snapshot}/disk` : IN_JAIL.emptyDisk
}

/** User-Mode Linux maps its guest's memory executable; it is the only place in the jail that may be both. */
function guestMemory(memoryBytes: number): OciMount {
  const options = ['nosuid', 'nodev', 'mode=1777', `size=${memoryBytes + SHM_SLACK_BYTES}`]
  return { destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs', options }
}
