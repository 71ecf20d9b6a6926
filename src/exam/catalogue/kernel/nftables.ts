import type { Probe } from '../../types.ts'
import { namespacesForbidden } from './namespaces.ts'
import { grantedByNamespaces, objectProbe } from './object-probe.ts'

export const nftables: Probe = objectProbe(
  {
    id: 'kernel-nftables',
    number: 31,
    title: 'program nftables of the host kernel',
    tries:
      'Makes a network namespace, by a user namespace where needed, and in it a table of nftables with a nonce as its name; the host looks for the table there.',
    standsFor: ['CVE-2022-32250', 'CVE-2023-32233', 'CVE-2024-1086'],
    price: 'Programs that make namespaces, such as container engines, do not work inside.',
    moot: namespacesForbidden,
    granted: grantedByNamespaces,
  },
  {
    kind: 'table',
    table: true,
    words: (mark) => [mark],
    witness: (marked) => {
      const found = marked.find(({ table }) => table)
      return found && `the network namespace of process ${found.pid} of the host has the table`
    },
  },
)
