import { bombProbe, needsMemory } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { memoryMib } from './gauge.ts'

export const memory = bombProbe({
  id: 'exhaustion-memory',
  number: 96,
  title: "take the machine's memory",
  tries: `Takes ${BOUNDS.memoryMib} MiB of memory under the policy as it is; what is missing on the host decides. By default Glovebox bounds no memory, as not every host can; a virtual machine has the size it has.`,
  severity: 'host denial of service',
  standsFor: ['ATT&CK T1499.001'],
  closing: 'Bound the memory: --memory.',
  price: 'A control group, and too little for an application that needs more.',
  lacks: needsMemory(BOUNDS.memoryMib),
  verb: 'bomb-memory',
  words: (size) => [String(size)],
  size: () => BOUNDS.memoryMib,
  unit: 'MiB',
  gauge: () => memoryMib,
  /* Others use memory meanwhile. */
  share: 0.7,
})
