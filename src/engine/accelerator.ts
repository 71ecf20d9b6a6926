import type { Accelerator } from '../plan/types.ts'

/**
 * How QEMU runs the guest's processor. KVM's device comes as descriptor 3 (native/options.c, --kvm), as the jail's user
 * could not open it: who may is the user, by a group or an access list.
 */
export function acceleratorWords(accelerator: Accelerator): string[] {
  return accelerator === 'kvm'
    ? ['-add-fd', 'fd=3,set=1', '-accel', 'kvm,device=/dev/fdset/1', '-cpu', 'host']
    : ['-accel', 'tcg', '-cpu', 'max']
}
