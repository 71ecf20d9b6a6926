import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const inputDevices: Probe = deviceProbe(
  {
    id: 'kernel-input-devices',
    title: 'reach your keyboard and mouse under /dev/input',
    tries:
      'Looks for input devices that would open, and opens none; the host looks for the nodes at the process.',
    severity: 'host leak',
    standsFor: ['ATT&CK T1056.001'],
    price: 'Game controllers do not work inside.',
  },
  { paths: [{ folder: '/dev/input', names: /^event\d+$/ }], gently: true },
)
