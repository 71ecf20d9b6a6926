import type { Probe } from '../../types.ts'
import { CROWD, plantChannel } from './covert.ts'

export const load: Probe = {
  id: 'identity-load',
  number: 50,
  asset: 'identity',
  title: 'see how busy your machine is',
  tries:
    'Processes of the host come and go in the rhythm of a nonce; the number of processes in /proc/loadavg must tell it inside.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1497.001', 'proc_loadavg(5)'],
  closing: 'Hide /proc/loadavg, or give the box a kernel of its own.',
  price: 'Monitors in the box show no load of the machine.',
  holes: [],
  alone: true,
  plant: plantChannel(CROWD, 'host'),
}
