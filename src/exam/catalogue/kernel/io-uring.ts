import type { Probe } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byLink } from './object-trap.ts'

export const ioUring: Probe = objectProbe(
  {
    id: 'kernel-io-uring',
    number: 26,
    title: 'make an io_uring of the host kernel',
    tries: 'Makes an io_uring and keeps it; the host looks for it among the descriptors of the process.',
    standsFor: ['CVE-2023-2598', 'CVE-2024-0582', 'most of the kernel exploits paid for by kCTF'],
    price: 'Programs fall back to ordinary reads and writes.',
    moot: ({ sysctl }) =>
      ['1', '2'].includes(sysctl('kernel.io_uring_disabled') ?? '')
        ? 'kernel.io_uring_disabled forbids it on this machine'
        : undefined,
  },
  { kind: 'io_uring', witness: byLink('anon_inode:[io_uring]') },
)
