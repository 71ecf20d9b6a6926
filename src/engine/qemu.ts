import type { Plan } from '../plan/types.ts'
import { IN_JAIL, machineBundle, machineOf } from './machine.ts'
import type { OciBundle } from './oci.ts'

/** How the two machines of QEMU differ. */
export interface QemuMachine {
  /** -machine, without the accelerator. */
  readonly machine: string
  /** Suffix of the names of virtio devices: on a PCI bus, or memory-mapped. */
  readonly bus: 'pci' | 'device'
}

/**
 * Without a calibration of the clock, which an emulated processor fails at times: microvm hung in 5 of 5 boots without
 * these hints (docs/performance.md).
 */
const CLOCK_HINTS = ['no_timer_check', 'tsc_early_khz=2000000', 'lpj=4000000']
const KERNEL_WORDS = [
  'console=ttyS0',
  'quiet',
  'panic=-1',
  'reboot=t',
  'nokaslr',
  'cryptomgr.notests',
  ...CLOCK_HINTS,
]

/**
 * No format but raw is ever guessed (-blockdev driver=raw). The image's disk is never written to, and other boxes have
 * it, too: User-Mode Linux locks it for reading, which QEMU would take for somebody else's.
 */
function disk(name: string, path: string, readOnly: boolean, bus: QemuMachine['bus']): string[] {
  const [only, locking] = readOnly ? ['on', 'off'] : ['off', 'on']
  return [
    ...[
      '-blockdev',
      `driver=file,node-name=${name}-file,filename=${path},read-only=${only},locking=${locking}`,
    ],
    ...['-blockdev', `driver=raw,node-name=${name},file=${name}-file,read-only=${only}`],
    ...['-device', `virtio-blk-${bus},drive=${name}`],
  ]
}

/** The bundle of a jail in which QEMU emulates a machine, with the least devices and no monitor to talk to. */
export function qemuBundle(plan: Plan, { machine, bus }: QemuMachine): OciBundle {
  const { kernel, memoryBytes } = machineOf(plan)
  return machineBundle(
    plan,
    [],
    [
      '/usr/bin/qemu-system-x86_64',
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-monitor', 'none'],
      ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
      ...['-machine', machine, '-accel', 'tcg', '-cpu', 'max', '-smp', '1'],
      ...['-m', `${Math.floor(memoryBytes / 2 ** 20)}M`],
      ...['-kernel', kernel, '-initrd', IN_JAIL.initramfs, '-append', KERNEL_WORDS.join(' ')],
      ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
      ...['-device', `virtio-serial-${bus},max_ports=2`],
      ...[
        '-chardev',
        `socket,id=channel,path=${IN_JAIL.channel}`,
        '-device',
        'virtserialport,chardev=channel',
      ],
      ...disk('image', IN_JAIL.imageDisk, true, bus),
      ...disk('own', IN_JAIL.ownDisk, false, bus),
    ],
  )
}
