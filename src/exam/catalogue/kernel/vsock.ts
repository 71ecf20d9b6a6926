import type { Probe } from '../../types.ts'
import { socketProbe } from './socket-probe.ts'

export const vsock: Probe = socketProbe({
  id: 'kernel-vsock',
  title: "reach a virtual machine monitor's sockets (AF_VSOCK)",
  family: 'AF_VSOCK',
  words: ['40', '1', '0'],
  protocol: 'AF_VSOCK',
  module: 'vsock',
  standsFor: ['CVE-2021-26708', 'CVE-2025-21756'],
  price: 'Agents of virtual machines do not work inside.',
})
