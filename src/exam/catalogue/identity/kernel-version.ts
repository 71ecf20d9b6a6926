import { release } from 'node:os'
import { factProbe } from './fact.ts'

export const kernelVersion = factProbe({
  id: 'identity-kernel-version',
  number: 47,
  title: 'learn the version of your kernel',
  tries:
    'Asks uname(2) and /proc/version for the kernel’s release, and compares it with the host’s: an attacker chooses an exploit by it.',
  standsFor: ['ATT&CK T1082'],
  closing: 'Give the box a kernel of its own (gvisor, uml, microvm, vm).',
  price: 'What that engine costs.',
  holes: ['files', 'pid'],
  verb: 'kernel',
  what: 'read the release of the host’s kernel',
  value: () => ({ value: release() }),
})
