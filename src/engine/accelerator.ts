import type { Accelerator } from '../plan/types.ts'

/** No machines inside of the machine: their code in KVM and QEMU is one wall less (CVE-2021-3656). */
const NOT_NESTED = 'vmx=off,svm=off'

/**
 * How QEMU runs the guest's processor. KVM's device comes as descriptor 3 (native/options.c, --kvm), as the jail's user
 * could not open it: who may is the user, by a group or an access list.
 */
export function acceleratorWords(accelerator: Accelerator): string[] {
  return accelerator === 'kvm'
    ? ['-add-fd', 'fd=3,set=1', '-accel', 'kvm,device=/dev/fdset/1', '-cpu', `host,${NOT_NESTED}`]
    : ['-accel', 'tcg', '-cpu', `max,${NOT_NESTED}`]
}
