import type { Probe } from '../../types.ts'
import { CROWD, plantChannel } from './covert.ts'

export const covertLoad: Probe = {
  id: 'identity-covert-load',
  number: 55,
  asset: 'identity',
  title: 'pass words to another box by the load',
  tries:
    'A second box of the same kind starts and ends processes in the rhythm of a nonce; the number of processes in /proc/loadavg must tell it to the first.',
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['covert channels (Lampson, 1973)'],
  closing: 'Hide /proc/loadavg, or give each box a kernel of its own.',
  price: 'Monitors in the box show no load of the machine.',
  holes: [],
  alone: true,
  plant: plantChannel(CROWD, 'box'),
}
