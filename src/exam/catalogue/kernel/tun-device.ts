import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const tunDevice: Probe = deviceProbe(
  {
    id: 'kernel-tun-device',
    title: "open the host's /dev/net/tun",
    tries:
      'Opens /dev/net/tun, or a node made of its number, and keeps it without making an interface; the host looks for the device at the process.',
    standsFor: ['CVE-2023-1076'],
    price: 'VPN programs do not work inside.',
  },
  { paths: ['/dev/net/tun'] },
)
