import type { Probe } from '../../types.ts'
import { socketProbe } from './socket-probe.ts'

export const sctpSocket: Probe = socketProbe({
  id: 'kernel-sctp-socket',
  title: 'load and use SCTP in the host kernel',
  family: 'SCTP',
  words: ['2', '1', '132'],
  protocol: 'SCTP',
  module: 'sctp',
  standsFor: ['CVE-2019-8956', 'CVE-2021-23133'],
  price: 'SCTP does not work inside.',
})
