import type { Probe } from '../../types.ts'
import { namespacesForbidden } from './namespaces.ts'
import { grantedByNamespaces, objectProbe } from './object-probe.ts'
import { byProtocol } from './object-trap.ts'

export const packetSocket: Probe = objectProbe(
  {
    id: 'kernel-packet-socket',
    number: 32,
    title: 'open packet sockets in a network namespace of its own',
    tries:
      'Makes a network namespace, by a user namespace where needed, and in it an AF_PACKET socket; the host looks for it among the sockets of the process.',
    standsFor: ['CVE-2020-14386', 'CVE-2017-7308'],
    price: 'Programs that make namespaces, such as container engines, do not work inside.',
    moot: namespacesForbidden,
    granted: grantedByNamespaces,
  },
  { kind: 'socket-in-own-network', words: () => ['17', '3', '0'], witness: byProtocol('PACKET') },
)
