import { LINK } from '../plan/link.ts'
import type { MachinePlan, Plan } from '../plan/types.ts'
import { acceleratorWords } from './accelerator.ts'
import { descriptorOf } from './devices.ts'
import { IN_JAIL, machineBundle, machineOf } from './machine.ts'
import type { OciBundle } from './oci.ts'

/** How the two machines of QEMU differ. */
export interface QemuMachine {
  /** -machine, without the accelerator. */
  readonly machine: string
  /** Suffix of the names of virtio devices: on a PCI bus, or memory-mapped. */
  readonly bus: 'pci' | 'device'
  /** File of the tools image; QEMU's choice where absent. */
  readonly firmware?: string
  /** Words for the kernel where the machine is emulated, beside those of all. */
  readonly emulated: readonly string[]
}

/**
 * Without a calibration of the clock, which an emulated processor fails at times: microvm hung in 5 of 5 boots without
 * these hints (docs/performance.md). The monitor measures the rate of the host's counter, which the guest reads, and puts
 * it in the place of HOST (guest/host_clock.c).
 */
const CLOCK_HINTS = ['no_timer_check', 'tsc_early_khz=HOST']
const KERNEL_WORDS = ['console=ttyS0', 'quiet', 'panic=-1', 'reboot=t', 'nokaslr', 'cryptomgr.notests']

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
    /* A full host is the guest's I/O error; QEMU's own answer is to halt the machine, for ever. */
    ...['-device', `virtio-blk-${bus},drive=${name},werror=report,rerror=report`],
  ]
}

/**
 * The guest's memory: QEMU's own, or a file that is mapped. A shared mapping fills the file that is kept; a private one
 * reads a page when it is first touched, and leaves the file alone (QEMU, docs/system/vm-templating).
 */
function memory({ memoryBytes, snapshot }: MachinePlan, machine: string): string[] {
  const size = `${Math.floor(memoryBytes / 2 ** 20)}M`
  if (snapshot === undefined) return ['-machine', machine, '-m', size]
  const file = `memory-backend-file,id=memory,size=${size},mem-path=${IN_JAIL.snapshot}/memory`
  const mapped = snapshot.act === 'save' ? 'share=on' : 'share=off,readonly=on,rom=off'
  return [
    ...['-object', `${file},${mapped}`, '-machine', `${machine},memory-backend=memory`, '-m', size],
    ...['-qmp', `unix:${IN_JAIL.control}`],
    ...(snapshot.act === 'save' ? [] : ['-incoming', 'defer']),
  ]
}

/**
 * Frames by the tap's descriptor; QEMU opens nothing and runs no script. A machine whose memory is kept has its card on a hub
 * without another port: what it is plugged into is no part of the kept state.
 */
function networkDevice(plan: Plan, bus: QemuMachine['bus']): string[] {
  const keptCard = plan.machine?.snapshot?.act === 'save' && plan.machine.snapshot.card
  if (plan.network === undefined && !keptCard) return []
  const port = keptCard ? 'hubport,id=net,hubid=0' : `tap,id=net,fd=${descriptorOf(plan, 'tap')},vhost=off`
  const device = `virtio-net-${bus},netdev=net,mac=${LINK.box.mac}${bus === 'pci' ? ',romfile=' : ''}`
  return ['-netdev', port, '-device', device]
}

/** The bundle of a jail in which QEMU emulates a machine, with the least devices and no monitor to talk to. */
export function qemuBundle(plan: Plan, { machine, bus, firmware, emulated }: QemuMachine): OciBundle {
  const own = machineOf(plan)
  const { accelerator = 'tcg' } = own
  /* Under KVM the guest has the host's own clock: a hint would be wrong. */
  const append = [...KERNEL_WORDS, ...(accelerator === 'kvm' ? [] : [...CLOCK_HINTS, ...emulated])].join(' ')
  return machineBundle(
    plan,
    [],
    [
      '/usr/bin/qemu-system-x86_64',
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-monitor', 'none'],
      ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
      ...memory(own, machine),
      ...[...acceleratorWords(accelerator), '-smp', '1'],
      ...(firmware === undefined ? [] : ['-bios', firmware]),
      ...['-kernel', own.kernel, '-initrd', IN_JAIL.initramfs, '-append', append],
      ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
      ...['-device', `virtio-serial-${bus},max_ports=2`],
      ...[
        '-chardev',
        `socket,id=channel,path=${IN_JAIL.channel}`,
        '-device',
        'virtserialport,chardev=channel',
      ],
      /* Tells a kernel that it was cloned, which then seeds its random numbers anew (Linux, drivers/virt/vmgenid.c). */
      ...(bus === 'pci' ? ['-device', 'vmgenid,guid=auto'] : []),
      ...networkDevice(plan, bus),
      ...disk('image', IN_JAIL.imageDisk, true, bus),
      ...disk('own', IN_JAIL.ownDisk, false, bus),
      ...(own.homeDisk === undefined ? [] : disk('home', IN_JAIL.homeDisk, false, bus)),
    ],
  )
}
