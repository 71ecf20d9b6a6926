import { LINK, LINK_MTU } from '../plan/link.ts'
import type { Plan } from '../plan/types.ts'
import { execDetached, runDetached } from './detached.ts'
import { descriptorOf } from './devices.ts'
import { attachProcess, IN_JAIL, machineBundle, machineOf } from './machine.ts'
import type { Engine } from './types.ts'

/**
 * Initialisers of Debian's kernel that measure how quickly it can do RAID and Btrfs, which no box has: 0.85 s of a boot
 * of 0.9 s (measured on 7.2: 905 ms with them, 43 ms without).
 */
const SKIPPED = [
  'raid6_select_algo',
  'raid6_init',
  'calibrate_xor_blocks',
  'init_btrfs_fs',
  'xor_init',
  'init_jfs_fs',
  'ssl_init',
]
/** Any value does: the delay loop is for hardware, and there is none. It spares the calibration. */
const LOOPS_PER_JIFFY = 4_000_000

/** Device number of a console (VIRTIO 1.2, 5). */
const VIRTIO_CONSOLE = 3

/** Its kernel's own lines, as far as a failed start shows them (guest/monitor.c). */
const LOG_LEVEL = 4

/** Documentation/virt/uml/user_mode_linux_howto_v2.rst, fd transport: frames are read from and written to the tap. */
function networkDevice(plan: Plan): string {
  return `vec0:transport=fd,fd=${descriptorOf(plan, 'tap')},vec=0,mac=${LINK.box.mac},mtu=${LINK_MTU}`
}

/** A Linux kernel as an ordinary process (User-Mode Linux): the guest's kernel is its own, and so are its bugs. */
export const uml: Engine = {
  name: 'uml',
  summary:
    'User-Mode Linux: a whole Linux kernel of its own, paravirtual, as a jailed process without hardware support',
  runtimes: ['crun', 'runc'],
  machine: 'uml',
  forbidsUserNamespaces: true,
  cannot: ['resume'],
  bundle(plan) {
    const { kernel, memoryBytes, homeDisk, reading } = machineOf(plan)
    /* A disk that is only read has a file of this machine's own over it (ubd's copy-on-write, uml(1)). */
    const writes = reading === undefined ? IN_JAIL.ownDisk : `${IN_JAIL.ownDisk},${IN_JAIL.readDisk}`
    return machineBundle(
      plan,
      ['--vhost'],
      [
        kernel,
        `mem=${Math.floor(memoryBytes / 1024)}K`,
        `initrd=${IN_JAIL.initramfs}`,
        `ubd0r=${IN_JAIL.imageDisk}`,
        `ubd1=${writes}`,
        ...(homeDisk === undefined ? [] : [`ubd2=${IN_JAIL.homeDisk}`]),
        `virtio_uml.device=${IN_JAIL.channel}:${VIRTIO_CONSOLE}`,
        ...(plan.network === undefined ? [] : [networkDevice(plan)]),
        'uml_dir=/tmp/',
        'con=null',
        'con0=null,fd:1',
        'panic=-1',
        `loglevel=${LOG_LEVEL}`,
        `lpj=${LOOPS_PER_JIFFY}`,
        'pty.legacy_count=0',
        `initcall_blacklist=${SKIPPED.join(',')}`,
      ],
    )
  },
  process: attachProcess,
  run: runDetached,
  limitations: () => [],
  exec: execDetached,
  diagnose(log) {
    if (/No space left|ENOSPC/i.test(log))
      return {
        message: 'The box has no room for its disk.',
        remedy: 'Give it more with --disk, or free memory on the host.',
      }
    return undefined
  },
}
