import type { Probe } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byLink } from './object-trap.ts'

export const fanotify: Probe = objectProbe(
  {
    id: 'kernel-fanotify',
    number: 29,
    title: 'make a fanotify group of the host kernel',
    tries:
      'Makes a fanotify group, which watches whole filesystems, and keeps it; the host looks for it among the descriptors.',
    standsFor: ['CVE-2022-1998'],
    price: 'Virus scanners and indexers that use fanotify do not work inside.',
  },
  { kind: 'fanotify', witness: byLink('anon_inode:[fanotify]') },
)
