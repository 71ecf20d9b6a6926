import type { Probe } from '../../types.ts'
import { namespacesForbidden } from './namespaces.ts'
import { grantedByNamespaces, objectProbe } from './object-probe.ts'
import { byLink } from './object-trap.ts'

export const mountContext: Probe = objectProbe(
  {
    id: 'kernel-mount-context',
    number: 38,
    title: 'hand mount options to the host kernel',
    tries:
      'Opens a context of the new mount interface (fsopen), by a user namespace where needed, and keeps it; the host looks for it among the descriptors.',
    standsFor: ['CVE-2022-0185'],
    price: 'Nothing in the box can mount.',
    moot: namespacesForbidden,
    granted: grantedByNamespaces,
  },
  { kind: 'filesystem', words: () => ['tmpfs'], witness: byLink('anon_inode:[fscontext]') },
)
