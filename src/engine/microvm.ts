import { execDetached, runDetached } from './detached.ts'
import { attachProcess } from './machine.ts'
import { qemuBundle } from './qemu.ts'
import type { Engine } from './types.ts'

/**
 * No interval timer and no old interrupt controller: with the timer, emulated boots stall while the kernel measures
 * clocks by it (tried with QEMU 10.0). The clock of the day stays, or the guest would wait for it.
 */
const MACHINE = 'microvm,rtc=on,pit=off,pic=off'

/**
 * The kernel would compare the processor's counter with the only other clock that this machine has, its own ticks. On a
 * busy host emulation loses ticks (140 ms in half a second, seen), the kernel takes the counter for the wrong one of the
 * two ("Marking TSC unstable due to clocksource watchdog") and goes on by ticks. The counter is the host's own
 * (kernel-parameters.txt, tsc=).
 */
const TRUST_THE_COUNTER = 'tsc=reliable'

/**
 * It starts the kernel and knows no disks. QEMU would take SeaBIOS for a machine with ACPI, which did not come back in 7 of
 * 7 boots with 2 GiB: the processor was in real-mode code of it, behind "virtio-blk missing headers".
 */
const FIRMWARE = '/usr/share/qemu/qboot.rom'

/** QEMU with nothing but virtio devices: no PCI bus, no disk controller, no firmware beyond what starts the kernel. */
export const microvm: Engine = {
  name: 'microvm',
  summary:
    'QEMU with virtio devices alone, no buses and the least firmware; by KVM where a trial shows that it works, else emulated (TCG), as vm',
  runtimes: ['crun', 'runc'],
  machine: 'cloud',
  forbidsUserNamespaces: true,
  cannot: [],
  bundle: (plan) =>
    qemuBundle(plan, { machine: MACHINE, bus: 'device', firmware: FIRMWARE, emulated: [TRUST_THE_COUNTER] }),
  process: attachProcess,
  run: runDetached,
  limitations: () => [],
  exec: execDetached,
  diagnose: () => undefined,
}
