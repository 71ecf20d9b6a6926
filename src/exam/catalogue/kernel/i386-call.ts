import type { Probe } from '../../types.ts'
import { doorProbe } from './doors.ts'

export const i386Call: Probe = doorProbe(
  {
    id: 'kernel-i386-call',
    title: 'reach host kernel calls by the i386 ABI',
    tries:
      'Makes an io_uring and a userfaultfd by int 0x80; the host looks for them among the descriptors of the process.',
    standsFor: ['filters for one ABI (seccomp(2), Caveats)'],
    lacking: 'this machine has no i386 ABI, or neither object',
  },
  { kind: 'i386' },
)
