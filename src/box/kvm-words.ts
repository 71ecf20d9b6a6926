import { advice, type Finding, ok } from '../host/doctor.ts'
import type { KvmAnswer } from './kvm-answer.ts'

/** Why the processor of a guest is emulated, as a clause. */
export function whyEmulated(answer: Exclude<KvmAnswer, { readonly kind: 'works' }>): string {
  switch (answer.kind) {
    case 'missing':
      return 'this machine has no /dev/kvm'
    case 'forbidden':
      return 'you may not open /dev/kvm'
    case 'hangs':
      return 'a guest that was tried under KVM did not come up in time'
    case 'aborts':
      return `a guest that was tried under KVM ended at once (${answer.words})`
    case 'untried':
      return `KVM could not be tried (${answer.words})`
    default:
      return answer satisfies never
  }
}

/** What TCG means for the one who chose a virtual machine. */
const MEANING =
  'it is slower, and by QEMU’s own statement emulation is no security boundary; the jail around QEMU is one'

/** For a plan's notes and for whoever starts a box, once. */
export function emulationNote(why: string): string {
  return `QEMU emulates the processor (TCG), as ${why}: ${MEANING}.`
}

/** What mends it. */
export function kvmRemedy(answer: KvmAnswer, user: string): string | undefined {
  switch (answer.kind) {
    case 'works':
      return undefined
    case 'missing':
      return 'Turn on virtualization (VT-x, AMD-V) in the firmware, or nested virtualization where this is a virtual machine; then: sudo modprobe kvm_intel   (or kvm_amd)'
    case 'forbidden':
      return answer.group === undefined
        ? 'Give the device to a group of yours, by a udev rule as distributions have it: sudo chgrp kvm /dev/kvm && sudo chmod 0660 /dev/kvm'
        : `sudo usermod -aG ${answer.group} ${user}   and log in anew`
    case 'hangs':
      return 'Where this is a virtual machine, its host does not pass virtualization on rightly: ask who runs it, or use --engine uml or gvisor. After a change: glovebox doctor --again'
    case 'aborts':
      return 'Update the kernel and the microcode, and: glovebox tools update. After a change: glovebox doctor --again'
    case 'untried':
      return 'glovebox doctor --again'
    default:
      return answer satisfies never
  }
}

/** Pure. */
export function judgeKvm(answer: KvmAnswer, user: string): Finding {
  if (answer.kind === 'works') return ok('kvm', 'KVM works: a guest was booted under it, in the jail.')
  const says = `Virtual machines are emulated (TCG), as ${whyEmulated(answer)}: ${MEANING}.`
  return advice('kvm', says, kvmRemedy(answer, user) ?? '')
}
