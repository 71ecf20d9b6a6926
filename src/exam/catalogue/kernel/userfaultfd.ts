import type { Probe } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byLink } from './object-trap.ts'

export const userfaultfd: Probe = objectProbe(
  {
    id: 'kernel-userfaultfd',
    number: 28,
    title: 'make a userfaultfd of the host kernel',
    tries: 'Makes a userfaultfd and keeps it; the host looks for it among the descriptors of the process.',
    standsFor: ['CVE-2016-6187 and others that win races with it'],
    price: 'Live migration of virtual machines and some garbage collectors do not work inside.',
  },
  { kind: 'userfaultfd', witness: byLink('anon_inode:[userfaultfd]') },
)
