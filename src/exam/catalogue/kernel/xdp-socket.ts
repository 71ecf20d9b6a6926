import type { Probe } from '../../types.ts'
import { namespacesForbidden } from './namespaces.ts'
import { grantedByNamespaces, objectProbe } from './object-probe.ts'
import { byProtocol } from './object-trap.ts'

export const xdpSocket: Probe = objectProbe(
  {
    id: 'kernel-xdp-socket',
    number: 32,
    title: 'open XDP sockets in a network namespace of its own',
    tries:
      'Makes a network namespace, by a user namespace where needed, and in it an AF_XDP socket; the host looks for it among the sockets of the process.',
    standsFor: ['kernel code that few programs reach'],
    price: 'Programs that make namespaces, such as container engines, do not work inside.',
    moot: (host) => namespacesForbidden(host) ?? 'the kernel of this machine has no AF_XDP',
    granted: grantedByNamespaces,
  },
  { kind: 'socket-in-own-network', words: () => ['44', '3', '0'], witness: byProtocol('XDP') },
)
