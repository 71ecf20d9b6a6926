import type { Probe } from '../../types.ts'
import { socketProbe } from './socket-probe.ts'

export const rxrpcSocket: Probe = socketProbe({
  id: 'kernel-rxrpc-socket',
  title: 'load and use RxRPC in the host kernel',
  family: 'AF_RXRPC',
  words: ['33', '2', '2'],
  protocol: 'RXRPC',
  module: 'rxrpc',
  standsFor: ['CVE-2023-2006'],
  price: 'AFS does not work inside.',
})
