import type { Probe } from '../../types.ts'
import { PROCESSOR, plantChannel } from './covert.ts'

export const covertProcessor: Probe = {
  id: 'identity-covert-processor',
  number: 55,
  asset: 'identity',
  title: 'pass words to another box by the processor',
  tries:
    'A second box of the same kind works and rests in the rhythm of a nonce on all processors; the first must hear it by how much it gets done itself.',
  attacker: 'user in the box',
  severity: 'exfiltration',
  standsFor: ['covert channels (Lampson, 1973)', 'processor contention'],
  closing: 'Give each box processors of its own.',
  price: 'Processors that one box leaves idle serve no other.',
  /* The scheduler's groups are sessions (sched(7), autogroup): in the same one the sender outweighs the hearer. */
  holes: ['terminal'],
  alone: true,
  plant: plantChannel(PROCESSOR, 'box'),
}
