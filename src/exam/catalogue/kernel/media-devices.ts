import type { Probe } from '../../types.ts'
import { deviceProbe } from './device-probe.ts'

export const mediaDevices: Probe = deviceProbe(
  {
    id: 'kernel-media-devices',
    title: 'reach your microphone and camera under /dev',
    tries:
      'Looks for sound and video devices that would open, and opens none; the host looks for the nodes at the process.',
    severity: 'host leak',
    standsFor: ['ATT&CK T1123', 'ATT&CK T1125'],
    price: 'Calls need sound and video by another way.',
  },
  {
    paths: [
      { folder: '/dev/snd', names: /^(pcm|control)/ },
      { folder: '/dev', names: /^(video|media)\d+$/ },
    ],
    gently: true,
  },
)
