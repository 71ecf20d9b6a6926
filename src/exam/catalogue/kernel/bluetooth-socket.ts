import type { Probe } from '../../types.ts'
import { socketProbe } from './socket-probe.ts'

export const bluetoothSocket: Probe = socketProbe({
  id: 'kernel-bluetooth-socket',
  title: "use the host's Bluetooth (AF_BLUETOOTH)",
  family: 'AF_BLUETOOTH',
  words: ['31', '5', '0'],
  protocol: 'L2CAP',
  module: 'bluetooth',
  standsFor: ['CVE-2020-12351', 'CVE-2022-42896'],
  price: 'Bluetooth does not work inside.',
})
