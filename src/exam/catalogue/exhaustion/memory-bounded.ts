import { bombProbe, needsMemory } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { memoryMib } from './gauge.ts'
import { cannotBound } from './limits.ts'

export const memoryBounded = bombProbe({
  id: 'exhaustion-memory-bounded',
  number: 96,
  title: 'take more memory than the policy allows',
  tries: `Takes ${BOUNDS.boundedMib} MiB in a box that was started with --memory 256M.`,
  severity: 'host denial of service',
  standsFor: ['ATT&CK T1499.001'],
  closing: 'Hold the bound by a control group, or by the size of a machine.',
  price: 'None beyond the bound.',
  notFor: (subject) => cannotBound(subject, 'memory', true),
  lacks: needsMemory(BOUNDS.boundedMib),
  options: () => ['--memory', '256M'],
  verb: 'bomb-memory',
  words: (size) => [String(size)],
  size: () => BOUNDS.boundedMib,
  unit: 'MiB',
  gauge: () => memoryMib,
  /* Others use memory meanwhile; half of it is the bound of a bounded box. */
  share: 0.7,
})
