import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const fuseDevice: Probe = deviceProbe(
  {
    id: 'kernel-fuse-device',
    title: "open the host's /dev/fuse",
    tries:
      'Opens /dev/fuse, or a node made of its number, and keeps it; the host looks for the device at the process.',
    standsFor: ['exploits that stop the kernel in the middle of a copy'],
    price: 'FUSE filesystems and AppImages that mount themselves do not work inside.',
  },
  { paths: ['/dev/fuse'] },
)
