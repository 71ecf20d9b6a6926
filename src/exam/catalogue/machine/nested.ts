import { failureOf, inOneLine } from '../../sightings.ts'
import { guestProbe } from './guest-probe.ts'
import { withoutPc } from './survey.ts'

export const nested = guestProbe({
  id: 'machine-nested',
  number: 123,
  title: 'run virtual machines inside of the box',
  tries:
    'Boots the guest of an attacker and asks its processor (CPUID) whether it has VMX or SVM: the code for machines in machines is then open to the guest. The control is the same machine with SVM on.',
  severity: 'in-box only',
  standsFor: ['CVE-2021-3653, CVE-2021-3656 (nested SVM in KVM)', 'CVE-2021-29657'],
  closing: 'QEMU: -cpu …,vmx=off,svm=off.',
  price: 'No emulator of phones and no virtual machine runs quickly inside of the box.',
  notFor: withoutPc,
  sight: ({ nested: found }) =>
    /^(?:vmx|svm)$/m.test(found.text)
      ? { reached: true, evidence: inOneLine(`the processor has ${found.text}`) }
      : (failureOf(found) ?? { reached: false, evidence: 'the processor has neither VMX nor SVM' }),
})
