import type { Probe } from '../../types.ts'
import { socketProbe } from './socket-probe.ts'

export const tipcSocket: Probe = socketProbe({
  id: 'kernel-tipc-socket',
  title: 'load and use TIPC in the host kernel',
  family: 'AF_TIPC',
  words: ['30', '1', '0'],
  protocol: 'TIPC',
  module: 'tipc',
  standsFor: ['CVE-2021-43267', 'CVE-2022-0435'],
  price: 'TIPC does not work inside.',
})
