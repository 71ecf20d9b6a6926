import { failureOf, inOneLine } from '../../sightings.ts'
import { guestProbe } from './guest-probe.ts'
import { withoutPc } from './survey.ts'

export const backdoorPort = guestProbe({
  id: 'machine-backdoor-port',
  number: 120,
  title: "talk to the host by VMware's backdoor",
  tries:
    'Boots the guest of an attacker and asks port 0x5658 for its version, as VMware’s guest tools do. The answer, which only a virtual machine monitor can give, decides. The control is the same machine with that port on.',
  severity: 'in-box only',
  standsFor: ['CVE-2020-3962 and others in VMware’s backdoor', 'ATT&CK T1497.001'],
  closing: 'QEMU: -machine …,vmport=off.',
  price: 'The mouse of VMware’s kind is gone; nothing else uses it.',
  notFor: (subject) =>
    withoutPc(subject) ??
    (subject.kind === 'engine' && subject.engine === 'microvm'
      ? 'QEMU’s microvm has no such port that could be on'
      : undefined),
  sight: ({ backdoor }) =>
    /^backdoor version/m.test(backdoor.text)
      ? { reached: true, evidence: inOneLine(`port 0x5658 answers: ${backdoor.text}`) }
      : (failureOf(backdoor) ?? { reached: false, evidence: inOneLine(backdoor.text) }),
})
