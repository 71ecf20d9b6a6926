import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const vhostDevice: Probe = deviceProbe(
  {
    id: 'kernel-vhost-device',
    title: "open the host's vhost and vsock devices",
    tries:
      'Opens /dev/vhost-net, /dev/vhost-vsock or /dev/vsock, or nodes made of their numbers; the host looks for the device at the process.',
    standsFor: ['CVE-2019-14835'],
    price: 'Virtual machines inside lack fast networks.',
  },
  { paths: ['/dev/vhost-net', '/dev/vhost-vsock', '/dev/vsock'] },
)
