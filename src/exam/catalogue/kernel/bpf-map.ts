import type { Probe } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byLink } from './object-trap.ts'

export const bpfMap: Probe = objectProbe(
  {
    id: 'kernel-bpf-map',
    number: 27,
    title: 'make a BPF map in the host kernel',
    tries: 'Makes a BPF map and keeps it; the host looks for it among the descriptors of the process.',
    standsFor: ['CVE-2021-3490', 'CVE-2020-8835'],
    price: 'Tracing and packet filtering by BPF do not work inside.',
    holes: ['calls', 'user'],
    moot: ({ uid, sysctl }) =>
      uid !== 0 && (sysctl('kernel.unprivileged_bpf_disabled') ?? '0') !== '0'
        ? 'kernel.unprivileged_bpf_disabled keeps BPF for root on this machine'
        : undefined,
  },
  { kind: 'bpf-map', witness: byLink('anon_inode:bpf-map') },
)
