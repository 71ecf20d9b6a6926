import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const uinputDevice: Probe = deviceProbe(
  {
    id: 'kernel-uinput-device',
    title: "open the host's /dev/uinput, which types for you",
    tries:
      'Opens /dev/uinput, or a node made of its number, and makes no keyboard; the host looks for the device at the process.',
    severity: 'escape',
    standsFor: ['ATT&CK T1056', 'BadUSB without USB'],
    price: 'Remote controls and key remappers do not work inside.',
  },
  { paths: ['/dev/uinput', '/dev/input/uinput'] },
)
