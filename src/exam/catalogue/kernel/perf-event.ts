import type { Probe } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byLink } from './object-trap.ts'

export const perfEvent: Probe = objectProbe(
  {
    id: 'kernel-perf-event',
    number: 29,
    title: 'open performance counters of the host kernel',
    tries:
      'Opens a software counter of its own process; the host looks for it among the descriptors of the process.',
    standsFor: ['CVE-2013-2094', 'CVE-2023-2235'],
    price: 'Profilers such as perf do not work inside.',
    moot: ({ uid, sysctl }) =>
      uid !== 0 && Number(sysctl('kernel.perf_event_paranoid') ?? 0) > 2
        ? 'kernel.perf_event_paranoid keeps counters for root on this machine'
        : undefined,
  },
  { kind: 'perf-event', witness: byLink('anon_inode:[perf_event]') },
)
