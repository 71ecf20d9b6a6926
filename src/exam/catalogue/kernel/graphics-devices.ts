import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const graphicsDevices: Probe = deviceProbe(
  {
    id: 'kernel-graphics-devices',
    title: 'reach your graphics card under /dev/dri',
    tries:
      'Looks for graphics devices that would open, and opens none; the host looks for the nodes at the process.',
    standsFor: ['CVE-2022-22942', 'drivers that parse what programs send'],
    price: 'Graphics are drawn by the processor.',
  },
  {
    paths: [
      { folder: '/dev/dri', names: /^(card|renderD)\d+$/ },
      { folder: '/dev', names: /^nvidia(\d+|ctl)$/ },
    ],
    gently: true,
  },
)
