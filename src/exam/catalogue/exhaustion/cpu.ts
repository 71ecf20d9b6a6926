import type { Probe } from '../../types.ts'
import { BOUNDS } from './bounds.ts'
import { plantBurners } from './cpu-trap.ts'

export const cpu: Probe = {
  id: 'exhaustion-cpu',
  number: 97,
  asset: 'exhaustion',
  title: 'take the processors from other programs',
  tries: `Burns ${BOUNDS.burnMs / 1000} s with ${BOUNDS.burners} processes for each processor, under the policy as it is; a neighbour on the host whose fixed work takes more than 3 times as long decides. By default Glovebox bounds no processor time.`,
  attacker: 'user in the box',
  severity: 'neighbour denial of service',
  standsFor: ['Matthews et al., ExpCS 2007, CPU stress', 'cryptominers: ATT&CK T1496'],
  closing: 'Bound the processor time: --cpus; a virtual machine has one processor.',
  price: 'A slower box where nobody else wants the time.',
  /* The scheduler's groups are sessions (sched(7), autogroup): only in the same one does a neighbour lose. */
  holes: ['terminal'],
  alone: true,
  plant: plantBurners,
}
