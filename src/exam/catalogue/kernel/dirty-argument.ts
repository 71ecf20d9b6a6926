import type { Probe } from '../../types.ts'
import { doorProbe } from './doors.ts'
import { byProtocol } from './object-trap.ts'

/** AF_VSOCK, AF_ALG, AF_BLUETOOTH: some kernel has one of them, and no application's filter needs any. */
const FAMILIES = ['40', '38', '31']

export const dirtyArgument: Probe = doorProbe(
  {
    id: 'kernel-dirty-argument',
    title: 'reach forbidden socket families by dirty upper bits of an argument',
    tries:
      'Asks for a socket of AF_VSOCK, AF_ALG or AF_BLUETOOTH with bit 32 of the family set, at which the kernel does not look; the host looks for it.',
    standsFor: ['CVE-2019-10063'],
    lacking: 'the kernel of this machine has none of these families',
  },
  { kind: 'dirty-argument', words: () => FAMILIES, witness: byProtocol('AF_VSOCK', 'ALG', 'L2CAP') },
)
