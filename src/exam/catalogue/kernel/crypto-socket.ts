import type { Probe } from '../../types.ts'
import { socketProbe } from './socket-probe.ts'

export const cryptoSocket: Probe = socketProbe({
  id: 'kernel-crypto-socket',
  title: "use the host kernel's ciphers (AF_ALG)",
  family: 'AF_ALG',
  words: ['38', '5', '0'],
  protocol: 'ALG',
  module: 'af_alg',
  standsFor: ['CVE-2019-8912'],
  price: 'Programs that encrypt by the kernel use their own library instead.',
})
