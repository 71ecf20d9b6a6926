import type { Probe } from '../../types.ts'
import { doorProbe } from './doors.ts'

export const x32Call: Probe = doorProbe(
  {
    id: 'kernel-x32-call',
    title: 'reach host kernel calls by the x32 ABI',
    tries:
      'Makes an io_uring by its number with the bit of x32; the host looks for it among the descriptors of the process.',
    standsFor: ['filters for one ABI (seccomp(2), Caveats)'],
    lacking: 'the kernel of this machine has no x32 ABI',
  },
  { kind: 'x32' },
)
