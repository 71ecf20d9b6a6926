import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const memoryDevice: Probe = deviceProbe(
  {
    id: 'kernel-memory-device',
    title: "open the host's memory devices",
    tries:
      'Opens /dev/mem, /dev/kmem or /dev/port, or nodes made of their numbers, and reads nothing; the host looks for the device at the process.',
    severity: 'escape',
    standsFor: ['memory of the whole machine'],
    price: 'None for an application.',
  },
  { paths: ['/dev/mem', '/dev/kmem', '/dev/port'] },
)
