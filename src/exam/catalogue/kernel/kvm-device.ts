import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const kvmDevice: Probe = deviceProbe(
  {
    id: 'kernel-kvm-device',
    title: "open the host's /dev/kvm",
    tries:
      'Opens /dev/kvm, or a node made of its number, and keeps it; the host looks for the device at the process.',
    standsFor: ['CVE-2021-22543'],
    price: 'Virtual machines inside are slow.',
  },
  { paths: ['/dev/kvm'] },
)
