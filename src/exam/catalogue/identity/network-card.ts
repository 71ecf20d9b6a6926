import { factProbe, needsRoot } from './fact.ts'

export const networkCard = factProbe({
  id: 'identity-network-card',
  number: 49,
  title: 'learn the address of your network card',
  tries:
    'Is started where an interface has a MAC address that is a nonce, and lists interfaces, neighbours and routes.',
  standsFor: ['tracking by MAC address', 'ATT&CK T1016'],
  closing: 'Give the box a network namespace with an interface of its own.',
  price: 'Nothing that an application needs.',
  holes: ['net'],
  verb: 'network',
  what: 'read the MAC address of the host',
  lacks: needsRoot,
  value: (scene) => {
    const hex = scene.nonce()
    // Locally administered, and of one station (IEEE 802).
    const value = ['02', ...[0, 2, 4, 6, 8].map((at) => hex.slice(at, at + 2))].join(':')
    return { value, launch: { within: [scene.program, 'probe', 'with-network', value, '192.0.2.9', '--'] } }
  },
})
