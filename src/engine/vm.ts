import { execDetached, runDetached } from './detached.ts'
import { attachProcess } from './machine.ts'
import { qemuBundle } from './qemu.ts'
import type { Engine } from './types.ts'

/** Without the port by which a guest could talk to QEMU as if it were VMware (hw/i386/vmport.c): nothing here uses it. */
const MACHINE = 'q35,vmport=off'

/** QEMU: a whole PC with firmware, buses and virtio devices. */
export const vm: Engine = {
  name: 'vm',
  summary:
    'QEMU: a whole PC with firmware, buses and virtio devices; by KVM where a trial shows that it works, else emulated (TCG), which QEMU does not call a security boundary: the jail around it is',
  runtimes: ['crun', 'runc'],
  machine: 'cloud',
  forbidsUserNamespaces: true,
  cannot: [],
  bundle: (plan) => qemuBundle(plan, { machine: MACHINE, bus: 'pci', emulated: [] }),
  process: attachProcess,
  run: runDetached,
  limitations: () => [],
  exec: execDetached,
  diagnose: () => undefined,
}
