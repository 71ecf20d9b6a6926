import type { Probe } from '../../types.ts'
import { namespacesForbidden } from './namespaces.ts'
import { grantedByNamespaces, objectProbe } from './object-probe.ts'
import { bySpace } from './object-trap.ts'

export const userNamespace: Probe = objectProbe(
  {
    id: 'kernel-user-namespace',
    number: 30,
    title: 'make user namespaces of its own',
    tries:
      'A child enters a new user namespace, in which it has every capability; the host compares the namespaces of both.',
    standsFor: ['CVE-2021-41133', 'CVE-2022-0492', 'CVE-2023-0386'],
    price: "A browser's own sandbox does not work inside; --grant user-namespaces lets it.",
    moot: namespacesForbidden,
    granted: grantedByNamespaces,
  },
  { kind: 'user-namespace', witness: bySpace('user') },
)
