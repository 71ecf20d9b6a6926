import type { Probe } from '../../types.ts'
import { doorProbe } from './doors.ts'

export const dirtyNumber: Probe = doorProbe(
  {
    id: 'kernel-dirty-number',
    title: 'reach host kernel calls by a number with dirty upper bits',
    tries:
      'Makes an io_uring by its number with bit 32 set, at which the kernel does not look; the host looks for it among the descriptors.',
    standsFor: ['CVE-2019-10063'],
    lacking: 'this machine makes no io_uring so',
  },
  { kind: 'dirty-number' },
)
